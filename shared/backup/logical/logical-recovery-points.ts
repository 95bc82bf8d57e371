import type { Vault } from '../../vault/vault.ts';
import type { ListedRecoveryPoint, RecoveryPoints } from '../method.ts';
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
    async hidden(of, now) {
      const keys: string[] = [];
      for (const object of await vault.hidden(manifestPrefix(of))) {
        const { lockedUntil } = await vault.inspect(object);
        // What the lifecycle expires is hidden too, past its lock.
        if (lockedUntil !== null && lockedUntil > now) keys.push(object.key);
      }
      return keys;
    },
    find: async (place) => logicalRecoveryPoint(await readManifest(vault, place)),
  };
}
