import pLimit from 'p-limit';
import type { Clock } from '../../clock/clock.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { visibleJson } from '../../text/visible.ts';
import { ObjectExists, ObjectMissing, type Vault } from '../../vault/vault.ts';
import type { Quarantine, QuarantineReader } from './quarantine.ts';
import {
  quarantineId,
  type Release,
  readQuarantined,
  readRelease,
  writeQuarantined,
} from './quarantined-message.ts';

/** The vault has another message under this id, so one of the two was altered. */
export class QuarantineConflict extends LifeboatError {
  override readonly name = 'QuarantineConflict';
  override readonly kind = 'conflict';
}

/** There is no such message in this queue's quarantine. */
export class NotInQuarantine extends LifeboatError {
  override readonly name = 'NotInQuarantine';
  override readonly kind = 'usage';
}

const READS_AT_A_TIME = 16;

/**
 * Quarantine in the vault, under `quarantine/<queue>/<id>/`: `message.json`, and a `released-<n>.json` for each release.
 * Objects are locked as evidence is.
 *
 * @param queue its name in the plan
 * @param lockedFor milliseconds for which no one can delete what is kept
 */
export function vaultQuarantine(
  vault: Vault,
  queue: string,
  lockedFor: number,
  clock: Clock,
): Quarantine & QuarantineReader {
  const folder = `quarantine/${queue}/`;
  const messageKey = (id: string) => `${folder}${id}/message.json`;
  const releaseKey = (id: string, number: number) => `${folder}${id}/released-${number}.json`;
  const json = (now: Date) => ({
    contentType: 'application/json',
    lockedUntil: new Date(now.getTime() + lockedFor),
  });

  async function readMessage(id: string) {
    const key = messageKey(id);
    return readQuarantined(key, (await vault.read(key)).toString());
  }

  async function releasesOf(id: string): Promise<Release[]> {
    const releases: Release[] = [];
    for await (const key of vault.list(`${folder}${id}/released-`))
      releases.push(readRelease(key, (await vault.read(key)).toString()));
    return releases.sort((a, b) => a.releasedAt.getTime() - b.releasedAt.getTime());
  }

  return {
    async keep(message, why) {
      const id = quarantineId(message);
      const keptAt = clock.now();
      try {
        await vault.put(messageKey(id), writeQuarantined({ id, queue, keptAt, why, message }), json(keptAt));
      } catch (error) {
        if (!(error instanceof ObjectExists)) throw error;
        const first = await readMessage(id);
        if (first.message.body !== message.body)
          throw new QuarantineConflict(
            `the vault keeps another body as "${messageKey(id)}": message ${message.messageId} stays in its queue; find out which of the two was altered`,
            { cause: error },
          );
      }
      return id;
    },

    async list(atMost) {
      const releases = new Map<string, number>();
      for await (const key of vault.list(folder)) {
        const [id = '', file] = key.slice(folder.length).split('/');
        const isRelease = file?.startsWith('released-') ?? false;
        if (isRelease || file === 'message.json')
          releases.set(id, (releases.get(id) ?? 0) + Number(isRelease));
      }
      const newest = [...releases].sort(([a], [b]) => (a < b ? 1 : -1)).slice(0, atMost);
      const reading = pLimit(READS_AT_A_TIME);
      const messages = await Promise.all(
        newest.map(([id, times]) =>
          reading(async () => {
            const { keptAt, why, message } = await readMessage(id);
            const { messageId, sentAt, body } = message;
            return { ...why, id, messageId, sentAt, keptAt, bytes: Buffer.byteLength(body), releases: times };
          }),
        ),
      );
      return { total: releases.size, messages };
    },

    async show(id) {
      try {
        return { ...(await readMessage(id)), releases: await releasesOf(id) };
      } catch (cause) {
        if (!(cause instanceof ObjectMissing)) throw cause;
        throw new NotInQuarantine(
          `there is no message "${id}" in the quarantine of queue "${queue}": list it`,
          {
            cause,
          },
        );
      }
    },

    async noteRelease(id, release) {
      for (let number = (await releasesOf(id)).length + 1; ; number++) {
        try {
          await vault.put(releaseKey(id, number), `${visibleJson(release)}\n`, json(release.releasedAt));
          return;
        } catch (error) {
          if (!(error instanceof ObjectExists)) throw error; // another release was noted in between
        }
      }
    },
  };
}
