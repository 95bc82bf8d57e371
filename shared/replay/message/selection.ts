import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Queue } from '../../plan/queue-schema.ts';
import { formatDuration } from '../../plan/values/duration.ts';
import { type Expression, parseExpression } from '../../plan/values/expression.ts';
import type { DeadLetter } from './dead-letter.ts';
import { keyOf } from './idempotency-key.ts';
import { documentOf, type Parsed, parseBody } from './parse-body.ts';

/** What a queue's messages must be to be sent. */
export interface SelectionRules {
  readonly format: Queue['format'];
  /** Finds the key; null for the MessageId. */
  readonly key: Expression | null;
  /** All must be true of a message. */
  readonly filters: readonly { readonly text: string; readonly holds: Expression }[];
  /** Milliseconds; null for any age. */
  readonly maxAge: number | null;
}

/** What is to become of a message, by looking at it alone. */
export type Selection =
  | { readonly verdict: 'send'; readonly key: string }
  /** It stays in the queue. */
  | { readonly verdict: 'leave'; readonly why: 'filtered' }
  | {
      readonly verdict: 'quarantine';
      readonly key: string | null;
      readonly kind: 'unparsable' | 'key-missing' | 'too-old';
      readonly reason: string;
    };

/** A filter cannot be applied to a message, so that nobody knows whether it is wanted. */
export class FilterFails extends LifeboatError {
  override readonly name = 'FilterFails';
  override readonly kind = 'usage';
}

/** The rules of the plan, and of the operator who asked for less. @throws ExpressionInvalid */
export function selectionRules(queue: Queue, operatorsFilter?: string): SelectionRules {
  const filters = [queue.filter, operatorsFilter].filter((text) => text !== undefined);
  return {
    format: queue.format,
    key: queue.key === undefined ? null : parseExpression(queue.key),
    filters: filters.map((text) => ({ text, holds: parseExpression(text) })),
    maxAge: queue.maxAge ?? null,
  };
}

/**
 * Decides on a message. The filter comes first: what it leaves is not touched, not even as poison.
 *
 * @throws FilterFails
 */
export function select(letter: DeadLetter, rules: SelectionRules, now: Date): Selection {
  const parsed = parseBody(letter.body);
  let made: Record<string, unknown> | undefined;
  const document = () => {
    made ??= documentOf(letter, parsed, now);
    return made;
  };
  for (const filter of rules.filters)
    if (!isWanted(filter, document(), letter)) return { verdict: 'leave', why: 'filtered' };

  const found = keyOf(letter, parsed.envelope, rules.key, document);
  const { key } = found;
  const misshapen = formatMistake(letter.body, parsed, rules.format);
  if (misshapen !== null) return { verdict: 'quarantine', key, kind: 'unparsable', reason: misshapen };
  if (found.key === null) return { verdict: 'quarantine', key, kind: 'key-missing', reason: found.why };
  const age = now.getTime() - letter.sentAt.getTime();
  if (rules.maxAge !== null && age > rules.maxAge) {
    const reason = `sent ${formatDuration(age)} ago; the plan replays what is at most ${formatDuration(rules.maxAge)} old`;
    return { verdict: 'quarantine', key, kind: 'too-old', reason };
  }
  return { verdict: 'send', key: found.key };
}

function formatMistake(body: string, { json, envelope }: Parsed, format: Queue['format']): string | null {
  if (format === 'any') return null;
  if (body.trim() === '') return 'the body is empty';
  if (json === undefined)
    return `expected ${format === 'sns' ? 'an SNS envelope' : 'JSON'}, found text that is no JSON`;
  return format === 'sns' && envelope === null
    ? 'expected an SNS envelope (Type, MessageId, TopicArn, Message, Timestamp), found other JSON'
    : null;
}

/** Null is what comparing finds nothing to compare comes to. Anything else but true and false is no answer. */
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
