import type { Clock } from '../clock/clock.ts';
import { bodyHash } from './body-hash.ts';
import type { Target } from './target.ts';
import {
  asDeadLetter,
  type QuarantinedMessage,
  type Release,
  type VaultQuarantine,
} from './vault-quarantine.ts';

export interface ReleasePorts {
  readonly quarantine: VaultQuarantine;
  /** The dead-letter queue that the message came from, as a target. */
  readonly queue: Target;
  /** Makes a quarantined key free in the ledger; nothing where it is not in quarantine there. */
  readonly reopen: (key: string) => Promise<unknown>;
  readonly clock: Clock;
}

/** The message is back in its queue already. */
export class AlreadyReleased extends Error {
  override readonly name = 'AlreadyReleased';
}

/** The queue did not take the message. It stays in quarantine. */
export class NotReleased extends Error {
  override readonly name = 'NotReleased';
}

/**
 * Puts a quarantined message back into its queue, with its key, so that the next replay takes it up. The ledger is told
 * first, because a message that it knows as quarantined would be dropped as a duplicate. The message stays in the vault.
 *
 * Broken off in between, it can be released again: at worst it is in the queue twice, under one key.
 *
 * @param again releases what was released before
 * @throws NotInQuarantine, AlreadyReleased, NotReleased, LedgerUnavailable
 */
export async function release(
  { quarantine, queue, reopen, clock }: ReleasePorts,
  id: string,
  { by, again, signal }: { by: string; again: boolean; signal: AbortSignal },
): Promise<Release> {
  const message = await quarantine.read(id);
  const earlier = await quarantine.releases(id);
  const last = earlier.at(-1);
  if (last && !again)
    throw new AlreadyReleased(
      `message "${id}" was released at ${last.releasedAt} by ${last.by}: release it with --again if it is to be sent once more`,
    );
  const key = keyOfReleased(message);
  await reopen(key);
  const delivery = await queue.deliver(asDeadLetter(message), key, signal);
  if (delivery.outcome !== 'accepted')
    throw new NotReleased(
      delivery.outcome === 'unknown'
        ? `nobody knows whether the queue took message "${id}" (${delivery.reason}): look into the queue, or release it again`
        : `the queue did not take message "${id}", which stays in quarantine: ${delivery.reason}`,
    );
  const released = { releasedAt: clock.now().toISOString(), by, key };
  await quarantine.released(id, earlier.length + 1, released);
  return released;
}

/**
 * The key that a released message carries. One that shares its key with another body gets a key of its own; one that had
 * none gets its id in quarantine.
 */
export function keyOfReleased(message: QuarantinedMessage): string {
  if (message.key === null) return message.id;
  return message.kind === 'mismatch' ? `${message.key}~${bodyHash(message).slice(0, 12)}` : message.key;
}
