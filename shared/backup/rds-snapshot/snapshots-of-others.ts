import type { RecoveryPoints } from '../method.ts';
import type { RdsSnapshotRecoveryPoint } from './rds-snapshot-recovery-point.ts';
import { SnapshotMissing } from './snapshot-errors.ts';
import { isOfLifeboat } from './snapshot-tags.ts';
import type { RegionSnapshots, StoredSnapshot } from './snapshots.ts';

/** `awsbackup:job-1a2b` after the moment it shows, so that ids sort by time as text. */
const idOf = (name: string, takenAt: Date) => `${takenAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${name}`;

/**
 * The snapshots of an instance that others took: RDS itself, AWS Backup, a person or another program. They are for reading only:
 * who took them says how long they are kept, and Lifeboat deletes none.
 *
 * @param type the type that RDS gives them; all if undefined
 */
export function snapshotsOfOthers(
  region: RegionSnapshots,
  type?: string,
): RecoveryPoints<RdsSnapshotRecoveryPoint> {
  const points = async (of: { database: string; backup: string }) =>
    (await region.listAll())
      .filter((snapshot) => !isOfLifeboat(snapshot) && (type === undefined || snapshot.type === type))
      .flatMap((snapshot) => pointOf(of, snapshot) ?? [])
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    async list(of) {
      return (await points(of)).map(({ id, begunAt, label }) => ({ id, begunAt, label }));
    },
    hidden: async () => [],
    async find({ id, ...of }) {
      const found = (await points(of)).find((point) => point.id === id || point.snapshot === id);
      if (found) return found;
      throw new SnapshotMissing(
        `there is no available snapshot "${id}" of "${of.database}" in ${region.region} that another took`,
        { hint: 'list them: aws rds describe-db-snapshots, and again with --snapshot-type awsbackup' },
      );
    },
  };
}

function pointOf(
  { database, backup }: { database: string; backup: string },
  { name, status, takenAt, key }: StoredSnapshot,
): RdsSnapshotRecoveryPoint | null {
  if (status !== 'available' || takenAt === null) return null;
  return {
    method: 'rdsSnapshot',
    id: idOf(name, takenAt),
    snapshot: name,
    database,
    backup,
    takenAt,
    begunAt: takenAt,
    label: null,
    keptUntil: null,
    key,
    settings: null,
  };
}
