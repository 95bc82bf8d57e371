import type { LossNow } from '../objectives/loss-now.ts';
import type { Way, WayName } from './gate-on-lag.ts';

const WAYS = { pointInTime: 'pointInTime', rdsSnapshot: 'snapshot', logical: 'logical' } as const;

/** The fastest first. */
const ORDER: readonly WayName[] = ['replica', 'pointInTime', 'snapshot', 'logical'];

/** What is known of a read replica. */
interface ReplicaSeen {
  readonly database: string;
  readonly replica: string;
  /** Up to when it has everything, as an ISO 8601 time. */
  readonly completeTo?: string | null;
  /** Why a promotion would fail, or why nothing is known. */
  readonly problem: string | null;
}

/**
 * The ways to a new primary for one database by the replicas and the recovery points that can be seen from here, the newest for each
 * way. A backup without a recovery point is no way. A replica with a problem is one whose loss is not known.
 */
export function waysOf(
  { losses, replicas }: { losses: readonly LossNow[]; replicas: readonly ReplicaSeen[] },
  database: string,
  now: Date,
): Way[] {
  const promotions = replicas
    .filter((each) => each.database === database)
    .map(({ replica, completeTo, problem }): Way => {
      const reaches = completeTo && problem === null ? new Date(completeTo) : null;
      return { way: 'replica', id: replica, reaches, by: problem ?? 'what it has applied' };
    });
  const restores = losses
    .filter((loss) => loss.database === database)
    .flatMap(({ method, newest }): Way[] => {
      if (!newest) return [];
      const reaches = new Date(now.getTime() - newest.ageSeconds * 1000);
      return [{ way: WAYS[method], id: newest.id, reaches, by: 'recovery point' }];
    });
  return ORDER.flatMap((name) => {
    const newest = [...promotions, ...restores]
      .filter(({ way }) => way === name)
      .toSorted(byReach)
      .at(-1);
    return newest ? [newest] : [];
  });
}

function byReach(one: Way, other: Way): number {
  return (one.reaches?.getTime() ?? 0) - (other.reaches?.getTime() ?? 0);
}
