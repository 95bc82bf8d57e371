import { envelopeOf, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { payloadOf } from '../../delivery/payload.ts';
import type { Wrapper } from '../../delivery/wrapper.ts';
import type { As, Target } from '../../plan/sections/replays.ts';
import type { Expression } from '../../plan/values/expression.ts';
import { receivedMessage } from '../message/dead-letter.ts';
import { expressionDocument } from '../message/expression-document.ts';

/** The shape in which a target is given a message, or why it cannot be given it. */
export type Shape =
  | { readonly as: 'body' | 'sqs-event' | 'sns-event' }
  | { readonly as: 'payload'; readonly text: string }
  | { readonly as: null; readonly why: string };

export interface ShapeRules {
  readonly kind: 'webhook' | 'queue' | 'topic' | 'function';
  /** As the plan says; absent where it says nothing. */
  readonly as?: As | undefined;
  /** Where the plan says it, for use in reasons: `replays.orders.as`. */
  readonly place: string;
  /** Finds the payload in a wrapper that no service of AWS makes. */
  readonly payload?: Expression | undefined;
}

export function kindOf(target: Target): ShapeRules['kind'] {
  if ('webhook' in target) return 'webhook';
  if ('queue' in target) return 'queue';
  return 'topic' in target ? 'topic' : 'function';
}

/**
 * Decides the shape in which the target first got a message. The plan's word counts. Without it:
 *
 * A webhook, queue or topic is given the body as it is. A function is given an event of SQS where a queue with a consumer held
 * the message before or should have got it, and the payload where a wrapper names a failed invocation. In any other case it is
 * not known, and the message is not sent: a function that is called with the wrong shape may succeed and do nothing.
 */
export function shapeOf(message: OutgoingMessage, { kind, as, place, payload }: ShapeRules): Shape {
  const { wrapper, sourceArn } = message;
  if (wrapper?.kind === 'extended-client' && (kind === 'webhook' || kind === 'topic' || as === 'payload'))
    return { as: null, why: wrapper.withoutPayload ?? '' };
  const planned = as ?? (payload === undefined ? undefined : 'payload');
  if (planned === 'payload') return inside(message, payload);
  if (planned === 'sns-event' && envelopeOf(message) === null)
    return { as: null, why: 'the plan says `as: sns-event`, and its body is no SNS envelope' };
  if (planned !== undefined) return { as: planned };
  if (kind !== 'function') return { as: 'body' };
  if (sourceArn !== null) return { as: 'sqs-event' };
  if (wrapper?.kind === 'extended-client') return { as: 'sqs-event' };
  switch (meantFor(wrapper)) {
    case 'function':
      return inside(message, undefined);
    case 'queue':
      return { as: 'sqs-event' };
    case 'nothing':
      return { as: null, why: wrapper?.withoutPayload ?? NOTHING_FOUND };
    default:
      return { as: null, why: unknown(place) };
  }
}

/** What should have got the payload of a wrapper: a rule or a schedule may have queues, functions and more as targets. */
function meantFor(wrapper: Wrapper | null): 'function' | 'queue' | 'nothing' | 'unknown' {
  if (wrapper === null) return 'unknown';
  if (wrapper.payloadIn === null) return 'nothing';
  switch (wrapper.kind) {
    case 'lambda-destination':
    case 'lambda-dead-letter':
      return 'function';
    case 'event-bridge':
    case 'scheduler': {
      // A universal target of a schedule: its call of Lambda.
      if (wrapper.payloadIn === 'Payload') return 'function';
      const service = wrapper.failedArn?.split(':')[2];
      if (wrapper.payloadIn !== 'body') return 'unknown';
      if (service === 'lambda') return 'function';
      return service === 'sqs' ? 'queue' : 'unknown';
    }
    default:
      return 'unknown';
  }
}

function unknown(place: string): string {
  return (
    'it is not known in which shape the function first got it: neither SQS nor a wrapper names a queue or a function that it was meant for. ' +
    `Say it in the plan: set ${place} to payload, sqs-event or sns-event`
  );
}

function inside(message: OutgoingMessage, payload: Expression | undefined): Shape {
  try {
    const text = payload === undefined ? payloadOf(message) : found(message, payload);
    if (text === null) return { as: null, why: message.wrapper?.withoutPayload ?? NOTHING_FOUND };
    if (!text.isWellFormed())
      return { as: null, why: 'its payload has half of a surrogate pair, which no text on a wire can carry' };
    return { as: 'payload', text };
  } catch (error) {
    return { as: null, why: `its payload cannot be read: ${error instanceof Error ? error.message : error}` };
  }
}

const NOTHING_FOUND = "the plan's payload expression finds nothing in this message";

function found(message: OutgoingMessage, payload: Expression): string | null {
  const received = receivedMessage({ ...message, receiptHandle: '' });
  const value = payload(expressionDocument(received, message.sentAt));
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
