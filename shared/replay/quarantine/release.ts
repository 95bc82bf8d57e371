import type { Clock } from '../../clock/clock.ts';
import { MOST_ATTRIBUTES } from '../../delivery/key-attributes.ts';
import {
  KEY_ATTRIBUTE,
  type MessageAttribute,
  type OutgoingMessage,
  REPLAY_OF_ATTRIBUTE,
  SOURCE_ATTRIBUTE,
} from '../../delivery/outgoing-message.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { KeyStatus } from '../../ledger/key-status.ts';
import type { ClaimRequest } from '../../ledger/ledger.ts';
import { bodyHash } from '../message/body-hash.ts';
import { recognise } from '../message/dead-letter.ts';
import type { QuarantineReader } from './quarantine.ts';
import type { KeptMessage, QuarantinedMessage, Release } from './quarantined-message.ts';

export interface ReleasePorts {
  readonly quarantine: QuarantineReader;
  /** Makes a quarantined key free in the ledger. @returns false where the ledger does not know it as quarantined */
  readonly reopen: (key: string) => Promise<boolean>;
  /** What a claim would find in the ledger. */
  readonly readKeyStatus: (request: ClaimRequest) => Promise<KeyStatus>;
  /** Puts a message on the dead-letter queue. @returns SQS's id of it */
  readonly send: (message: ReleasedMessage) => Promise<string>;
  readonly clock: Clock;
}

/** A message as it goes back to its queue. */
export interface ReleasedMessage extends Pick<OutgoingMessage, 'body' | 'attributes' | 'groupId'> {
  /** Names this release. A repetition of one release has the same name; the next release has another. */
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
 * First its key is made free, or the replay would take the message for one that is done. Then the message is sent, and last
 * the release is recorded. A process that dies in between loses nothing, because the message stays in the vault. Released
 * again, the message may be on the queue twice. Both have one key, so the replay recognises the second.
 *
 * @param by who releases it
 * @param again release it although it was released before
 * @throws NotInQuarantine, AlreadyReleased, AlreadyDelivered, TooManyAttributes, and what the ports throw
 */
export async function releaseQuarantined(
  { quarantine, reopen, readKeyStatus, send, clock }: ReleasePorts,
  id: string,
  { by, again }: { readonly by: string; readonly again: boolean },
): Promise<Release> {
  const quarantined = await quarantine.show(id);
  const last = quarantined.releases.at(-1);
  if (last && !again)
    throw new AlreadyReleased(
      `message "${id}" was released by ${last.by} at ${last.releasedAt.toISOString()}, as message ${last.messageId}: ` +
        'ask for it explicitly if it is to be released again',
    );
  const key = keyOfReleased(quarantined);
  const attributes = withItsKey(quarantined, key);
  const { message } = quarantined;
  await reopen(key);
  if ((await readKeyStatus({ key, bodyHash: contentHash(message), messageId: message.messageId })) === 'done')
    throw new AlreadyDelivered(
      `the ledger knows message "${id}" (key "${key}") as delivered since it was quarantined: there is nothing to release`,
    );
  const messageId = await send({
    body: message.body,
    attributes,
    groupId: message.groupId,
    release: `${id}/${quarantined.releases.length + 1}`,
  });
  const release = { by, releasedAt: clock.now(), key, messageId };
  await quarantine.noteRelease(id, release);
  return release;
}

/**
 * The key that a message carries from its release on. A key stands for one content, so a message that shared its key with
 * another one gets its own, made of its content. A message without a key gets its id in the quarantine.
 */
function keyOfReleased({ id, why, message }: QuarantinedMessage): string {
  if (why.key === null) return id;
  return why.kind === 'mismatch' ? `${why.key}~${contentHash(message).slice(0, 12)}` : why.key;
}

function contentHash(message: KeptMessage): string {
  return bodyHash({ body: message.body, ...recognise(message) });
}

function withItsKey({ id, message }: QuarantinedMessage, key: string): Record<string, MessageAttribute> {
  // The ledger has its key as free again: the message is sent as itself, and not as a replay of another.
  const { [REPLAY_OF_ATTRIBUTE]: _, ...own } = message.attributes;
  const attributes = { ...own, [KEY_ATTRIBUTE]: { type: 'String', value: key } };
  const count = Object.keys(attributes).length;
  if (count < MOST_ATTRIBUTES && message.sourceArn !== null)
    return { ...attributes, [SOURCE_ATTRIBUTE]: { type: 'String', value: message.sourceArn } };
  if (count <= MOST_ATTRIBUTES) return attributes;
  throw new TooManyAttributes(
    `message "${id}" has ${count - 1} attributes and its key would be one more than the ${MOST_ATTRIBUTES} that SQS takes: ` +
      'without the key it could take effect twice. Send it to the receiver by hand, as the quarantine shows it',
  );
}
