import type { Backups } from '../../plan/sections/backups.ts';
import { HOUR } from '../../plan/values/duration.ts';
import type { Vault } from '../../vault/vault.ts';
import { logicalRecoveryPoints } from './logical-recovery-points.ts';
import {
  isUnreadableManifest,
  type Manifest,
  type ManifestDamaged,
  type ManifestFormatUnsupported,
} from './manifest.ts';

/** Further away, too much of a database has changed for a comparison to say anything. */
const NEAR_MS = 26 * HOUR;

export interface NearManifest {
  /** Null if the plan has no logical backup of the database, or none of a near moment can be read. */
  readonly manifest: Manifest | null;
  /** Nearer ones that cannot be read. They say nothing of what is restored: a person must hear of them. */
  readonly unreadable: readonly UnreadableManifest[];
}

export interface UnreadableManifest {
  /** The recovery point that it is of. */
  readonly id: string;
  readonly error: ManifestDamaged | ManifestFormatUnsupported;
}

/** Finds the logical backup of a database whose moment is nearest to another moment, within 26 hours before or after it. */
export async function nearestManifest(
  vault: Vault,
  { database, backups, takenAt }: { database: string; backups: Backups; takenAt: Date },
): Promise<NearManifest> {
  const points = logicalRecoveryPoints(vault);
  const candidates: { backup: string; id: string; distance: number }[] = [];
  for (const [backup, planned] of Object.entries(backups)) {
    if (!('logical' in planned)) continue;
    for (const { id, begunAt } of await points.list({ database, backup }))
      candidates.push({ backup, id, distance: Math.abs(begunAt.getTime() - takenAt.getTime()) });
  }
  const unreadable: UnreadableManifest[] = [];
  for (const { backup, id } of candidates
    .filter(({ distance }) => distance <= NEAR_MS)
    .sort((a, b) => a.distance - b.distance))
    try {
      return { manifest: (await points.find({ database, backup, id })).manifest, unreadable };
    } catch (error) {
      if (!isUnreadableManifest(error)) throw error;
      unreadable.push({ id, error });
    }
  return { manifest: null, unreadable };
}
