import { DAY } from '../../plan/values/duration.ts';
import type { StoredObject, Vault } from '../../vault/vault.ts';
import type { HiddenRecoveryPoint, KeptAsOf, ListedRecoveryPoint, RecoveryPoints } from '../method.ts';
import type { RecoveryPointPlace } from '../place.ts';
import { type LogicalRecoveryPoint, logicalRecoveryPoint } from './logical-recovery-point.ts';
import { readManifest } from './manifest.ts';
import { begunAt, contentPrefix, idOfManifestKey, manifestPrefix } from './recovery-point-id.ts';

/** The logical recovery points in a vault. One without a manifest is not complete, and not listed. */
export function logicalRecoveryPoints(vault: Vault): RecoveryPoints<LogicalRecoveryPoint> {
  return {
    async list(of) {
      const points: ListedRecoveryPoint[] = [];
      for await (const key of vault.list(manifestPrefix(of))) {
        const id = idOfManifestKey(key);
        const begun = id && begunAt(id);
        if (id && begun) points.push({ id, begunAt: begun });
      }
      return points.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async hidden(of, asOf) {
      const hidden: HiddenRecoveryPoint[] = [];
      for (const object of await vault.hidden(manifestPrefix(of))) {
        const id = idOfManifestKey(object.key);
        if (id && !mayHaveExpired(id, asOf) && (await isLocked(vault, object, asOf.now)))
          hidden.push({ id, key: object.key });
      }
      return hidden;
    },
    find: async (place) => logicalRecoveryPoint(await readManifest(vault, place)),
  };
}

/**
 * The keys of a recovery point's content that a delete marker or a later version hides, although the plan keeps them and their
 * lock holds. A restore opens versions, so it reads them all the same. A person with other tools would not find them.
 */
export async function hiddenContent(
  vault: Vault,
  place: RecoveryPointPlace,
  asOf: KeptAsOf,
): Promise<string[]> {
  if (mayHaveExpired(place.id, asOf)) return [];
  const keys: string[] = [];
  for (const object of await vault.hidden(contentPrefix(place)))
    if (await isLocked(vault, object, asOf.now)) keys.push(object.key);
  return keys;
}

/** The lifecycle counts whole days (resources/derive.ts). With a shorter retention it also expires what is still locked. */
function mayHaveExpired(id: string, { now, retention }: KeptAsOf): boolean {
  const begun = begunAt(id);
  return begun === null || begun.getTime() + Math.ceil(retention / DAY) * DAY <= now.getTime();
}

async function isLocked(vault: Vault, object: StoredObject, now: Date): Promise<boolean> {
  const { lockedUntil } = await vault.inspect(object);
  return lockedUntil !== null && lockedUntil > now;
}
