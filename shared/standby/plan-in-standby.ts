import { isCopiedByRds } from '../backup/open-method.ts';
import type { OpenRdsPoints } from '../backup/open-rds-points.ts';
import type { Plan } from '../plan/schema.ts';
import { type Backup, isWatched, type WatchedBackup } from '../plan/sections/backups.ts';

/** What the plan's recovery points are looked at by. */
interface Ports {
  readonly plan: Plan;
  readonly rdsPoints: OpenRdsPoints;
}

/** The same ports for looking from the standby Region: they ask nothing of the primary one, which may be lost. */
export function inStandby<These extends Ports>(ports: These): These {
  const { plan, rdsPoints } = ports;
  return { ...ports, plan: planInStandby(plan), rdsPoints: (of) => rdsPoints(of, 'standby') };
}

/**
 * What of a plan can be looked at from its standby Region: the backups whose recovery points lie in the vault, and those that
 * RDS copies. A copy is a recovery point there, and is not copied further. Queues stand in the primary Region alone.
 */
export function planInStandby(plan: Plan): Plan {
  const databases = Object.entries(plan.databases).map(([name, database]) => {
    const backups = Object.entries(database.backups).flatMap(([backup, planned]) =>
      isWatched(planned, database) && isThere(planned) ? [[backup, withoutCopy(planned)] as const] : [],
    );
    return [name, { ...database, backups: Object.fromEntries(backups) }] as const;
  });
  return { ...plan, databases: Object.fromEntries(databases), replays: {} };
}

function isThere(backup: WatchedBackup): boolean {
  return 'logical' in backup || isCopiedByRds(backup);
}

function withoutCopy(backup: WatchedBackup): Backup {
  if ('pointInTime' in backup)
    return { ...backup, pointInTime: { ...backup.pointInTime, copyToStandby: undefined } };
  if ('rdsSnapshot' in backup)
    return { ...backup, rdsSnapshot: { ...backup.rdsSnapshot, copyToStandby: undefined } };
  return backup;
}
