import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Replay } from '../../plan/sections/replays.ts';
import { formatDuration } from '../../plan/values/duration.ts';
import { type Expression, parseExpression } from '../../plan/values/expression.ts';
import type { DeadLetter, ReceivedMessage } from './dead-letter.ts';
import { expressionDocument } from './expression-document.ts';
import { keyOf } from './idempotency-key.ts';

/** Which messages of a queue are sent. */
export interface SelectionRules {
  readonly format: Replay['format'];
  /** Finds the key; null for the MessageId. */
  readonly key: Expression | null;
  /** All must be true of a message. */
  readonly filters: readonly { readonly text: string; readonly holds: Expression }[];
  /** Milliseconds; null for any age. */
  readonly maxAge: number | null;
  /** A record of a failure is sent as it is, also where it has no payload. */
  readonly sendsRecords: boolean;
  /** What the plan says of messages of several sources. */
  readonly sources: Replay['sources'];
}

/** What to do with a message, decided by the message alone. */
export type Selection =
  | { readonly verdict: 'send'; readonly key: string }
  /** It stays in the queue. */
  | { readonly verdict: 'leave'; readonly why: 'filtered' }
  | {
      readonly verdict: 'quarantine';
      readonly key: string | null;
      readonly kind: 'unparsable' | 'key-missing' | 'no-payload' | 'too-old';
      readonly reason: string;
    };

/** A filter cannot be applied to a message, so it is not known whether the message is wanted. */
export class FilterFails extends LifeboatError {
  override readonly name = 'FilterFails';
  override readonly kind = 'usage';
}

/** The rules of the plan, narrowed by the operator's filter. @throws ExpressionInvalid */
export function selectionRules(queue: Replay, operatorsFilter?: string): SelectionRules {
  const filters = [queue.filter, operatorsFilter].filter((text) => text !== undefined);
  return {
    format: queue.format,
    key: queue.key === undefined ? null : parseExpression(queue.key),
    filters: filters.map((text) => ({ text, holds: parseExpression(text) })),
    maxAge: queue.maxAge ?? null,
    sendsRecords: queue.as !== undefined && queue.as !== 'payload',
    sources: queue.sources,
  };
}

/**
 * Decides on a message. The filter comes first: a message that it does not want stays in the queue, even if it is poison.
 *
 * @throws FilterFails
 */
export function select(received: ReceivedMessage, rules: SelectionRules, now: Date): Selection {
  const { message } = received;
  let made: Record<string, unknown> | undefined;
  const document = () => {
    made ??= expressionDocument(received, now);
    return made;
  };
  for (const filter of rules.filters)
    if (!isWanted(filter, document(), message)) return { verdict: 'leave', why: 'filtered' };

  const found = keyOf(message, rules.key, document);
  const { key } = found;
  const misshapen = formatMistake(message, rules.format);
  if (misshapen !== null) return { verdict: 'quarantine', key, kind: 'unparsable', reason: misshapen };
  const without = whyWithoutPayload(message, rules);
  if (without !== null) return { verdict: 'quarantine', key, kind: 'no-payload', reason: without };
  if (found.key === null) return { verdict: 'quarantine', key, kind: 'key-missing', reason: found.why };
  const age = now.getTime() - message.sentAt.getTime();
  if (rules.maxAge !== null && age > rules.maxAge) {
    const reason = `sent ${formatDuration(age)} ago; the plan replays what is at most ${formatDuration(rules.maxAge)} old`;
    return { verdict: 'quarantine', key, kind: 'too-old', reason };
  }
  return { verdict: 'send', key: found.key };
}

/**
 * A record that says only that something failed is no message. One that a queue held before was the message of that queue's
 * consumer. A pointer leads to a payload: its target decides.
 */
function whyWithoutPayload(
  { wrapper, sourceArn }: DeadLetter,
  { sendsRecords }: SelectionRules,
): string | null {
  if (wrapper === null || wrapper.withoutPayload === null || sendsRecords) return null;
  if (wrapper.kind === 'extended-client') return null;
  return sourceArn === null || wrapper.kind === 's3-test' ? wrapper.withoutPayload : null;
}

function formatMistake({ body, content }: DeadLetter, format: Replay['format']): string | null {
  if (format === 'any') return null;
  if (body.trim() === '') return 'the body is empty';
  if (content.format === 'text') {
    const found = body.startsWith('\ufeff')
      ? 'text that begins with a byte order mark'
      : 'text that is not JSON';
    return `expected ${format === 'sns' ? 'an SNS envelope' : 'JSON'}, found ${found}`;
  }
  return format === 'sns' && content.format !== 'sns'
    ? 'expected an SNS envelope (Type, MessageId, TopicArn, Message, Timestamp), found other JSON'
    : null;
}

/** Comparing a missing field yields null, which counts as false. Any other value that is not a boolean is an error. */
function isWanted(
  { text, holds }: SelectionRules['filters'][number],
  document: Record<string, unknown>,
  { messageId }: DeadLetter,
): boolean {
  let found: unknown;
  try {
    found = holds(document);
  } catch (cause) {
    throw new FilterFails(
      `the filter ${text} cannot be applied to message ${messageId}: ${cause instanceof Error ? cause.message : cause}. ` +
        "Guard it, for example: type(body.tags) == 'array' && contains(body.tags, 'paid')",
      { cause },
    );
  }
  if (found === true || found === false) return found;
  if (found === null || found === undefined) return false;
  throw new FilterFails(
    `the filter ${text} finds neither true nor false in message ${messageId}, but ${kindOf(found)}: ` +
      "compare it with something, for example: body.kind == 'order'",
  );
}

function kindOf(found: unknown): string {
  if (typeof found === 'object') return Array.isArray(found) ? 'a list' : 'an object';
  return typeof found === 'string' ? 'text' : `a ${typeof found}`;
}
