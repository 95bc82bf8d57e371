import type { Plan } from '../plan/schema.ts';

/**
 * What of a plan can be looked at from its standby Region when the primary one is lost: the backups whose recovery points lie in the
 * vault. Those of RDS are read in the Region of the instance, and are left out.
 */
export function planInStandby(plan: Plan): Plan {
  const databases = Object.entries(plan.databases).map(([name, database]) => {
    const backups = Object.entries(database.backups).filter(([, backup]) => 'logical' in backup);
    return [name, { ...database, backups: Object.fromEntries(backups) }] as const;
  });
  return { ...plan, databases: Object.fromEntries(databases), replays: {} };
}
