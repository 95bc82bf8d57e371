import { envelopeOf, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { payloadOf } from '../../delivery/payload.ts';
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
 * A webhook, queue or topic is given the body as it is. A function is given an event of SQS where SQS says that a queue with a
 * consumer held the message before, and the payload where a wrapper names a failed invocation. In any other case it is not
 * known, and the message is not sent: a function that is called with the wrong shape may succeed and do nothing.
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
  if (wrapper !== null) return inside(message, undefined);
  return { as: null, why: unknown(place) };
}

function unknown(place: string): string {
  return (
    'it is not known in which shape the function first got it: SQS names no queue that it came from, and no wrapper is recognised. ' +
    `Say it in the plan: set ${place} to payload, sqs-event or sns-event`
  );
}

function inside(message: OutgoingMessage, payload: Expression | undefined): Shape {
  try {
    const text = payload === undefined ? payloadOf(message) : found(message, payload);
    if (text === null) return { as: null, why: message.wrapper?.withoutPayload ?? NOTHING_FOUND };
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
