import type { Backups } from '../../plan/sections/backups.ts';
import { HOUR } from '../../plan/values/duration.ts';
import type { Vault } from '../../vault/vault.ts';
import { logicalRecoveryPoints } from './logical-recovery-points.ts';
import type { Manifest } from './manifest.ts';

/** Further away, too much of a database has changed for a comparison to say anything. */
const NEAR_MS = 26 * HOUR;

/**
 * Finds the logical backup of a database whose moment is nearest to another moment, before or after it.
 *
 * @returns null if the plan has no logical backup of it, or none was taken within 26 hours
 * @throws ManifestDamaged, ManifestFormatUnsupported
 */
export async function nearestManifest(
  vault: Vault,
  { database, backups, takenAt }: { database: string; backups: Backups; takenAt: Date },
): Promise<Manifest | null> {
  const points = logicalRecoveryPoints(vault);
  const candidates: { backup: string; id: string; distance: number }[] = [];
  for (const [backup, planned] of Object.entries(backups)) {
    if (!('logical' in planned)) continue;
    for (const { id, begunAt } of await points.list({ database, backup }))
      candidates.push({ backup, id, distance: Math.abs(begunAt.getTime() - takenAt.getTime()) });
  }
  const [nearest] = candidates.sort((a, b) => a.distance - b.distance);
  if (nearest === undefined || nearest.distance > NEAR_MS) return null;
  return (await points.find({ database, backup: nearest.backup, id: nearest.id })).manifest;
}
