import type { Proof, Proving } from '../method.ts';
import { StoredBackupUnproven } from '../stored-backup-unproven.ts';
import { rdsSnapshotPoints } from './rds-snapshot-points.ts';
import { differingTags } from './snapshot-tags.ts';
import type { SnapshotRegions, StoredSnapshot } from './snapshots.ts';

/** Proves a snapshot and its copy: available, encrypted under a key of its Region, with the same moment, size and tags. */
export function rdsSnapshotProving({ primary, standby }: SnapshotRegions, deployment: string): Proving {
  const { find } = rdsSnapshotPoints(primary, deployment);
  return {
    async prove(place): Promise<Proof> {
      const { snapshot: name, keptUntil } = await find(place);
      const [original, copy] = await Promise.all([primary.find(name), standby?.find(name)]);
      const faults = [
        ...faultsOf(original, primary.region),
        ...(standby ? faultsOf(copy ?? null, standby.region) : []),
        ...(original && copy && standby ? differences(original, copy, standby.region) : []),
      ];
      if (faults.length > 0)
        throw new StoredBackupUnproven(`snapshot "${name}" is not as it must be: ${faults.join('; ')}`);
      const where = [primary, ...(standby ? [standby] : [])].map(({ region }) => region);
      return {
        objects: where.length,
        keptUntil: keptUntil.toISOString(),
        lockedUntil: null,
        summary: `snapshot "${name}" of ${original?.gibibytes} GiB in ${where.join(' and ')}, kept until ${keptUntil.toISOString()}`,
      };
    },
  };
}

function faultsOf(snapshot: StoredSnapshot | null, region: string): string[] {
  if (snapshot === null) return [`${region} does not have it`];
  const { status, encrypted, key, gibibytes } = snapshot;
  return [
    ...(status === 'available' ? [] : [`in ${region} it is ${status}`]),
    ...(encrypted && key?.includes(`:${region}:`)
      ? []
      : [`in ${region} it is not under a key of that Region`]),
    ...(gibibytes > 0 ? [] : [`in ${region} it has no size`]),
  ];
}

function differences(original: StoredSnapshot, copy: StoredSnapshot, region: string): string[] {
  const tags = differingTags(original, copy);
  return [
    ...(copy.takenAt?.getTime() === original.takenAt?.getTime()
      ? []
      : [`the copy in ${region} shows another moment`]),
    ...(copy.gibibytes === original.gibibytes ? [] : [`the copy in ${region} has another size`]),
    ...(tags.length === 0 ? [] : [`the copy in ${region} has other tags: ${tags.join(', ')}`]),
  ];
}
