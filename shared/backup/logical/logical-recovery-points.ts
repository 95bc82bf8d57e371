import { DAY } from '../../plan/values/duration.ts';
import type { Vault } from '../../vault/vault.ts';
import type { HiddenRecoveryPoint, ListedRecoveryPoint, RecoveryPoints } from '../method.ts';
import { type LogicalRecoveryPoint, logicalRecoveryPoint } from './logical-recovery-point.ts';
import { readManifest } from './manifest.ts';
import { begunAt, idOfManifestKey, manifestPrefix } from './recovery-point-id.ts';

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
    async hidden(of, { now, retention }) {
      const hidden: HiddenRecoveryPoint[] = [];
      for (const object of await vault.hidden(manifestPrefix(of))) {
        const id = idOfManifestKey(object.key);
        const begun = id && begunAt(id);
        if (!id || !begun) continue;
        // The lifecycle counts whole days (resources/derive.ts). With a shorter retention it also expires what is still locked.
        if (begun.getTime() + Math.ceil(retention / DAY) * DAY <= now.getTime()) continue;
        const { lockedUntil } = await vault.inspect(object);
        if (lockedUntil !== null && lockedUntil > now) hidden.push({ id, key: object.key });
      }
      return hidden;
    },
    find: async (place) => logicalRecoveryPoint(await readManifest(vault, place)),
  };
}
