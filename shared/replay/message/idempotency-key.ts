import { envelopeOf, KEY_ATTRIBUTE, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import type { Expression } from '../../plan/values/expression.ts';

/** The idempotency key of a message, or why it has none. */
export type Key = { readonly key: string } | { readonly key: null; readonly why: string };

/**
 * The characters that a message attribute can carry: a key that travels with its message must be made of them.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const CARRIED = /^[\t\n\r\u0020-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u;

/**
 * Finds the key: the one that an earlier replay gave the message, else what the plan's expression finds, else the id of the failed
 * invocation or event that a wrapper names, else the MessageId of SNS, which is the same in all of its attempts, else the MessageId of SQS.
 *
 * @param expression of the plan; null for none
 * @param document what the expression sees; called only where there is an expression to apply
 */
export function keyOf(
  message: Pick<OutgoingMessage, 'attributes' | 'messageId' | 'content' | 'wrapper'>,
  expression: Expression | null,
  document: () => Record<string, unknown>,
): Key {
  const envelope = envelopeOf(message);
  const given =
    message.attributes[KEY_ATTRIBUTE]?.value ?? envelope?.MessageAttributes?.[KEY_ATTRIBUTE]?.Value;
  if (typeof given === 'string' && given.trim() !== '') return { key: given };
  if (expression === null) return { key: message.wrapper?.id ?? envelope?.MessageId ?? message.messageId };
  let found: unknown;
  try {
    found = expression(document());
  } catch (error) {
    return missing(`cannot be applied to this message: ${error instanceof Error ? error.message : error}`);
  }
  return asKey(found);
}

function asKey(found: unknown): Key {
  if (typeof found === 'number') {
    // Beyond these, two numbers of the message may have become one.
    return Math.abs(found) <= Number.MAX_SAFE_INTEGER
      ? { key: String(found) }
      : missing('finds a number too large to be exact: make the message carry it as text');
  }
  if (typeof found !== 'string')
    return missing(`finds ${kindOf(found)} in this message, expected text or a number`);
  if (found.trim() === '') return missing('finds an empty text in this message');
  if (!CARRIED.test(found))
    return missing('finds a text with characters that no message attribute can carry');
  return { key: found };
}

function kindOf(found: unknown): string {
  if (found === null || found === undefined) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  return typeof found === 'object' ? 'an object' : String(found);
}

function missing(what: string): Key {
  return { key: null, why: `the plan's key expression ${what}` };
}
