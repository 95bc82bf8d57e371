import { messageIdOf, webhookEvent } from './webhook-events.ts';

/** A campaign that the application does not have. Events about it are refused, until it is put back. */
export const LOST_CAMPAIGN = 9_999;

/** What an outage leaves behind in the queue. By MessageId where it has one. */
export interface DeadLetters {
  /** What the application was sent before the outage, and recorded. */
  readonly before: readonly string[];
  /** Message bodies, in the order in which they are sent. */
  readonly bodies: readonly string[];
  /** Those of `before`. */
  readonly known: readonly string[];
  /** Events that it has never seen. */
  readonly fresh: readonly string[];
  /** Events about the lost campaign. */
  readonly refused: readonly string[];
  /** Messages that carry the MessageId and the body of another one. */
  readonly copies: number;
  /** Messages that are no events at all. */
  readonly unparsable: number;
  /** Messages that carry the MessageId of another one and another body. Which of the two comes first is not known. */
  readonly mismatched: number;
}

const REFUSED = 6;
const MISMATCHED = 4;

/** What no shell loop gets through: several lines, quotes, an emoji; JSON that is cut off; JSON that is no event. */
const UNPARSABLE = [
  'Dear all,\nthe webhook is "down" \\o/ 😱\n\n-- ops',
  '{"Type": "Notification", "MessageId": "cut',
  '{"hello": "wörld"}',
  '\n\n\n',
];

/** Fewer would not hold all of it, and more would take more than the two minutes of a drill. */
export const FEWEST = 100;
export const MOST = 5_000;

/**
 * Composes so many messages: a fifth copies, a twentieth known, some poison, the rest events that must get through. The same
 * number gives the same messages.
 */
export function composeDeadLetters(messages: number, about: { topicArn: string; at: Date }): DeadLetters {
  const copies = Math.floor(messages / 5);
  const knownCount = Math.floor(messages / 20);
  const freshCount = messages - copies - knownCount - REFUSED - MISMATCHED - UNPARSABLE.length;
  const known = eventNumbers(0, knownCount);
  const fresh = eventNumbers(knownCount, freshCount);
  const refused = eventNumbers(knownCount + freshCount, REFUSED);
  const event = (number: number) => webhookEvent(number, about);

  // Of an event that is sent with two bodies there is no copy: what it would be a copy of depends on which comes first.
  const twoBodied = fresh.slice(-MISMATCHED);
  const copied = [...known, ...fresh.slice(0, -MISMATCHED)];
  const bodies = [
    ...[...known, ...fresh].map(event),
    ...Array.from({ length: copies }, (_, index) => event(copied[(index * 3) % copied.length] ?? 0)),
    ...twoBodied.map((number) => withMessageId(event(number + 1), messageIdOf(number))),
    ...refused.map((number) => aboutLostCampaign(event(number))),
    ...UNPARSABLE,
  ];
  return {
    before: known.map(event),
    bodies: mixed(bodies),
    known: known.map(messageIdOf),
    fresh: fresh.map(messageIdOf),
    refused: refused.map(messageIdOf),
    copies,
    unparsable: UNPARSABLE.length,
    mismatched: MISMATCHED,
  };
}

function eventNumbers(after: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => after + index + 1);
}

function withMessageId(envelope: string, MessageId: string): string {
  return JSON.stringify({ ...JSON.parse(envelope), MessageId });
}

function aboutLostCampaign(envelope: string): string {
  const { Message, ...rest } = JSON.parse(envelope);
  const event = JSON.parse(Message);
  event.mail.tags.campaign_id = [String(LOST_CAMPAIGN)];
  return JSON.stringify({ ...rest, Message: JSON.stringify(event) });
}

/** All of them in another order, the same each time: poison and copies among the rest. */
function mixed(bodies: readonly string[]): string[] {
  const step = 7_919; // a prime beyond the most there are: no two get the same place
  return bodies
    .map((body, index) => ({ body, place: (index * step) % bodies.length }))
    .sort((a, b) => a.place - b.place)
    .map(({ body }) => body);
}
