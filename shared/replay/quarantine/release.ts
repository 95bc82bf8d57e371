import type { Clock } from '../../clock/clock.ts';
import { MOST_ATTRIBUTES } from '../../delivery/key-attributes.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Standing } from '../../ledger/key-status.ts';
import type { Wanted } from '../../ledger/ledger.ts';
import { bodyHash } from '../message/body-hash.ts';
import {
  type DeadLetter,
  KEY_ATTRIBUTE,
  type MessageAttribute,
  REPLAY_OF_ATTRIBUTE,
} from '../message/dead-letter.ts';
import type { QuarantineReader } from './quarantine.ts';
import type { QuarantinedMessage, Release } from './quarantined-message.ts';

export interface ReleasePorts {
  readonly quarantine: QuarantineReader;
  /** Makes a quarantined key free in the ledger. @returns false where the ledger does not know it as quarantined */
  readonly reopen: (key: string) => Promise<boolean>;
  /** What a claim would find in the ledger. */
  readonly lookUp: (wanted: Wanted) => Promise<Standing>;
  /** Puts a message on the dead-letter queue. @returns SQS's id of it */
  readonly send: (message: ReleasedMessage) => Promise<string>;
  readonly clock: Clock;
}

/** A message as it goes back to its queue. */
export interface ReleasedMessage extends Pick<DeadLetter, 'body' | 'attributes' | 'groupId'> {
  /** Names this release: the same when it is repeated because its end is not known, another for the next one. */
  readonly release: string;
}

/** The message was released before. */
export class AlreadyReleased extends LifeboatError {
  override readonly name = 'AlreadyReleased';
  override readonly kind = 'conflict';
}

/** The ledger knows the message as delivered since it was quarantined: the next replay would drop it. */
export class AlreadyDelivered extends LifeboatError {
  override readonly name = 'AlreadyDelivered';
  override readonly kind = 'conflict';
}

/** The key does not fit on the message. */
export class TooManyAttributes extends LifeboatError {
  override readonly name = 'TooManyAttributes';
  override readonly kind = 'unsupported';
}

/**
 * Puts a message of the quarantine on its queue again, with its key, for the next replay to deliver.
 *
 * First its key is made free, or the replay would take the message for one that is done with. Then it is sent, and last the
 * release is written down. Whoever dies in between has lost nothing, because the message stays in the vault; released
 * again, it may be on the queue twice, under one key, by which the replay recognises the second.
 *
 * @param by who releases it
 * @param again where it was released before and is wanted once more
 * @throws NotInQuarantine, AlreadyReleased, AlreadyDelivered, TooManyAttributes, and what the ports throw
 */
export async function releaseQuarantined(
  { quarantine, reopen, lookUp, send, clock }: ReleasePorts,
  id: string,
  { by, again }: { readonly by: string; readonly again: boolean },
): Promise<Release> {
  const message = await quarantine.show(id);
  const last = message.releases.at(-1);
  if (last && !again)
    throw new AlreadyReleased(
      `message "${id}" was released by ${last.by} at ${last.releasedAt.toISOString()}, as message ${last.messageId}: ` +
        'ask for it explicitly if it is to be released again',
    );
  const key = keyOfReleased(message);
  const attributes = withItsKey(message, key);
  const { letter } = message;
  await reopen(key);
  if ((await lookUp({ key, bodyHash: bodyHash(letter), messageId: letter.messageId })) === 'done')
    throw new AlreadyDelivered(
      `the ledger knows message "${id}" (key "${key}") as delivered since it was quarantined: there is nothing to release`,
    );
  const messageId = await send({
    body: letter.body,
    attributes,
    groupId: letter.groupId,
    release: `${id}/${message.releases.length + 1}`,
  });
  const release = { by, releasedAt: clock.now(), key, messageId };
  await quarantine.noteRelease(id, release);
  return release;
}

/**
 * The key that a message carries from its release on. A key stands for one content, so that a message that shared its key
 * with another gets one of its own, made of its content. A message without a key gets its id in the quarantine.
 */
function keyOfReleased({ id, why, letter }: QuarantinedMessage): string {
  if (why.key === null) return id;
  return why.kind === 'mismatch' ? `${why.key}~${bodyHash(letter).slice(0, 12)}` : why.key;
}

function withItsKey({ id, letter }: QuarantinedMessage, key: string): Record<string, MessageAttribute> {
  // The ledger has its key as free again: it is sent for its own sake, not as somebody's replay.
  const { [REPLAY_OF_ATTRIBUTE]: _, ...own } = letter.attributes;
  const attributes = { ...own, [KEY_ATTRIBUTE]: { type: 'String', value: key } };
  const count = Object.keys(attributes).length;
  if (count <= MOST_ATTRIBUTES) return attributes;
  throw new TooManyAttributes(
    `message "${id}" has ${count - 1} attributes and its key would be one more than the ${MOST_ATTRIBUTES} that SQS takes: ` +
      'without the key it could take effect twice. Send it to the receiver by hand, as the quarantine shows it',
  );
}
