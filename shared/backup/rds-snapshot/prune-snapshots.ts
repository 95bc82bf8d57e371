import type { Pruning } from '../method.ts';
import { deletableOf } from '../retention.ts';
import { pointsOf } from './rds-snapshot-points.ts';
import type { SnapshotRegions } from './snapshots.ts';

/**
 * Deletes the snapshots of a backup that are past their retention, in each Region by what that Region has: the copy of a lost
 * original is pruned as well. Only snapshots whose tags name this backup are looked at.
 */
export function rdsSnapshotPruning({ primary, standby }: SnapshotRegions, deployment: string): Pruning {
  return {
    async prune(of, options) {
      const deleted: { id: string; begunAt: Date }[] = [];
      for (const region of [primary, ...(standby ? [standby] : [])]) {
        const points = pointsOf({ ...of, deployment }, await region.list());
        const deletable = new Set(deletableOf(points, options));
        for (const point of points) {
          if (!deletable.has(point.id)) continue;
          await region.delete(point.snapshot);
          if (!deleted.some(({ id }) => id === point.id)) deleted.push(point);
        }
      }
      const ids = deleted.sort((a, b) => a.begunAt.getTime() - b.begunAt.getTime()).map(({ id }) => id);
      return { deletable: ids, deleted: ids };
    },
  };
}
