import { messageIdOf, webhookEvent } from './webhook-events.ts';

/** A campaign missing from the application. Events about it are refused until it is restored. */
export const LOST_CAMPAIGN = 9_999;

/** The messages that an outage leaves in the queue; by MessageId if they have one. */
export interface DeadLetters {
  /** Messages sent to the application and recorded before the outage. */
  readonly before: readonly string[];
  /** Message bodies, in sending order. */
  readonly bodies: readonly string[];
  /** Copies of messages in `before`. */
  readonly known: readonly string[];
  /** Events new to the application. */
  readonly fresh: readonly string[];
  /** Events about the lost campaign. */
  readonly refused: readonly string[];
  /** Messages with the MessageId and body of another one. */
  readonly copies: number;
  /** Messages that are not events. */
  readonly unparsable: number;
  /** Messages with the MessageId of another one but a different body. Which of the two arrives first is unknown. */
  readonly mismatched: number;
}

const REFUSED = 6;
const MISMATCHED = 4;

/** Bodies that break a shell loop: several lines, quotes, an emoji; truncated JSON; JSON that is not an event. */
const UNPARSABLE = [
  'Dear all,\nthe webhook is "down" \\o/ 😱\n\n-- ops',
  '{"Type": "Notification", "MessageId": "cut',
  '{"hello": "wörld"}',
  '\n\n\n',
];

/** Fewer could not contain every kind, and more would exceed the two minutes of a drill. */
export const FEWEST = 100;
export const MOST = 5_000;

/**
 * Composes this many messages: one fifth copies, one twentieth known, some poison, the rest deliverable events. The same
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

  // An event sent with two bodies has no copy: the copy's original would depend on which comes first.
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

/** All of them, shuffled the same way each time: poison and copies among the rest. */
function mixed(bodies: readonly string[]): string[] {
  const step = 7_919; // a prime above the maximum count: no two get the same place
  return bodies
    .map((body, index) => ({ body, place: (index * step) % bodies.length }))
    .sort((a, b) => a.place - b.place)
    .map(({ body }) => body);
}
