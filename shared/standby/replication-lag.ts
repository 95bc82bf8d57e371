import { logicalRecoveryPoints } from '../backup/logical/logical-recovery-points.ts';
import { contentOf, readManifest } from '../backup/logical/manifest.ts';
import { manifestKey } from '../backup/logical/recovery-point-id.ts';
import type { ListedRecoveryPoint } from '../backup/method.ts';
import type { BackupPlace } from '../backup/place.ts';
import type { Plan } from '../plan/schema.ts';
import type { Vault } from '../vault/vault.ts';
import type { ReplicationOf, ReplicationState } from './replication.ts';

/** How far the recovery points of one backup have come on their way to the standby Region. */
export interface ReplicationLag extends BackupPlace {
  /** The newest recovery point that is there whole: its manifest and all that it names. Null if none of those looked at is. */
  readonly replicated: { readonly id: string; readonly ageSeconds: number } | null;
  /** The oldest recovery point that is newer and not there whole; null where the newest one is. */
  readonly waiting: Waiting | null;
}

interface Waiting {
  readonly id: string;
  /** Seconds since its backup began. */
  readonly ageSeconds: number;
  /** Objects that S3 has not copied yet. */
  readonly pending: number;
  /** Objects that S3 gave up, of this recovery point and of the newer ones. It does not try them again. */
  readonly failed: number;
  /** Objects older than the replication. */
  readonly notAskedFor: number;
}

/** How many recovery points of a backup are looked at, newest first, until one is there whole. */
const LOOKED = 5;

/** Objects of one recovery point that are asked for at the same time. */
const AT_ONCE = 20;

/** What the lag is read from. */
export interface LagPorts {
  readonly vault: Vault;
  readonly replicationOf: ReplicationOf;
}

/** The backups whose recovery points are replicated with the vault. Snapshots of RDS are copied by their backup. */
export function replicatedBackups(plan: Plan): BackupPlace[] {
  return Object.entries(plan.databases).flatMap(([database, { backups }]) =>
    Object.entries(backups).flatMap(([backup, planned]) =>
      'logical' in planned ? [{ database, backup }] : [],
    ),
  );
}

/**
 * Reads how far one backup is behind in the standby Region.
 *
 * @throws ManifestDamaged, ManifestFormatUnsupported for a recovery point whose content is not known
 */
export async function replicationLag(
  of: BackupPlace,
  { vault, replicationOf }: LagPorts,
  now: Date,
): Promise<ReplicationLag> {
  const listed = await logicalRecoveryPoints(vault).list(of);
  const age = ({ begunAt }: ListedRecoveryPoint) => Math.max(0, (now.getTime() - begunAt.getTime()) / 1000);
  const behind: Waiting[] = [];
  for (const point of listed.slice(-LOOKED).reverse()) {
    const states = await statesOf({ ...of, id: point.id }, vault, replicationOf);
    const many = (state: ReplicationState) => states.filter((each) => each === state).length;
    if (many('replicated') === states.length)
      return { ...of, replicated: { id: point.id, ageSeconds: age(point) }, waiting: oldest(behind) };
    behind.push({
      id: point.id,
      ageSeconds: age(point),
      pending: many('pending'),
      failed: many('failed'),
      notAskedFor: many('not asked for'),
    });
  }
  return { ...of, replicated: null, waiting: oldest(behind) };
}

/** The last one looked at, with what failed in all of them. */
function oldest(behind: readonly Waiting[]): Waiting | null {
  const last = behind.at(-1);
  return last ? { ...last, failed: behind.reduce((sum, { failed }) => sum + failed, 0) } : null;
}

/** The manifest first: the objects that it names are asked for once it is there. */
async function statesOf(
  place: BackupPlace & { readonly id: string },
  vault: Vault,
  replicationOf: ReplicationOf,
): Promise<ReplicationState[]> {
  const states = [await replicationOf({ key: manifestKey(place) })];
  const content = contentOf(await readManifest(vault, place));
  for (let at = 0; at < content.length; at += AT_ONCE)
    states.push(...(await Promise.all(content.slice(at, at + AT_ONCE).map(replicationOf))));
  return states;
}
