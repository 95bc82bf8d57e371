import { formatDuration } from '../plan/duration.ts';
import { type Expression, parseExpression } from '../plan/expression.ts';
import type { Queue } from '../plan/queue-schema.ts';
import { type DeadLetter, KEY_ATTRIBUTE } from './dead-letter.ts';
import { documentOf, type Parsed, parseBody } from './document.ts';
import type { QuarantineReason } from './quarantine.ts';

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
  | { readonly verdict: 'leave'; readonly key: null; readonly why: 'filtered' }
  | {
      readonly verdict: 'quarantine';
      readonly key: string | null;
      readonly kind: Exclude<QuarantineReason['kind'], 'refused' | 'mismatch'>;
      readonly reason: string;
    };

/** A filter cannot be applied to a message, so that nobody knows whether it is wanted. */
export class FilterFails extends Error {
  override readonly name = 'FilterFails';
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
  const document = documentOf(letter, parsed, now);
  for (const { text, holds } of rules.filters)
    if (apply(text, holds, document, letter) !== true)
      return { verdict: 'leave', key: null, why: 'filtered' };

  const key = keyOf(letter, parsed, rules.key, document);
  const poison = (
    kind: Extract<Selection, { verdict: 'quarantine' }>['kind'],
    reason: string,
  ): Selection => ({
    verdict: 'quarantine',
    key,
    kind,
    reason,
  });
  const misshapen = formatMistake(letter.body, parsed, rules.format);
  if (misshapen !== null) return poison('unparsable', misshapen);
  if (key === null)
    return poison('key-missing', "the plan's key expression finds no text and no number in this message");
  const age = now.getTime() - letter.sentAt.getTime();
  if (rules.maxAge !== null && age > rules.maxAge)
    return poison(
      'too-old',
      `sent ${formatDuration(age)} ago; the plan replays what is at most ${formatDuration(rules.maxAge)} old`,
    );
  return { verdict: 'send', key };
}

/**
 * The idempotency key: what an earlier replay gave the message, else what the plan's expression finds, else the MessageId
 * of SNS, else that of SQS. Null where the expression finds nothing that can be a key.
 */
export function keyOf(
  letter: DeadLetter,
  { envelope }: Parsed,
  expression: Expression | null,
  document: Record<string, unknown>,
): string | null {
  const given = letter.attributes[KEY_ATTRIBUTE]?.value;
  if (typeof given === 'string' && given !== '') return given;
  if (expression === null) return envelope?.MessageId ?? letter.messageId;
  const found = evaluate(expression, document);
  if (typeof found === 'number' && Number.isFinite(found)) return String(found);
  return typeof found === 'string' && found.trim() !== '' ? found : null;
}

function formatMistake(body: string, { json, envelope }: Parsed, format: Queue['format']): string | null {
  if (format === 'any') return null;
  if (body.trim() === '') return 'the body is empty';
  if (json === undefined)
    return `expected ${format === 'sns' ? 'an SNS envelope' : 'JSON'}, found text that is no JSON`;
  return format === 'sns' && envelope === null
    ? 'expected an SNS envelope (Type, MessageId, TopicArn, Message), found other JSON'
    : null;
}

/** An expression that cannot be applied to this message finds nothing in it. */
function evaluate(expression: Expression, document: Record<string, unknown>): unknown {
  try {
    return expression(document);
  } catch {
    return null;
  }
}

function apply(
  text: string,
  holds: Expression,
  document: Record<string, unknown>,
  { messageId }: DeadLetter,
): unknown {
  try {
    return holds(document);
  } catch (cause) {
    throw new FilterFails(
      `the filter ${text} cannot be applied to message ${messageId}: ${cause instanceof Error ? cause.message : cause}. ` +
        'Guard it, for example: type(body.n) == `number` && body.n > `5`',
      { cause },
    );
  }
}
