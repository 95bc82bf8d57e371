import type { Backup, Database, Plan } from './schema.ts';

/** A request names something that the deployed plan does not have. */
export class NotInPlan extends Error {
  override readonly name = 'NotInPlan';
}

/** The plan's database of that name. @throws NotInPlan listing the names there are */
export function databaseOf(plan: Plan, name: string): Database {
  const database = Object.hasOwn(plan.databases, name) ? plan.databases[name] : undefined;
  if (!database)
    throw new NotInPlan(
      `the plan has no database "${name}"; it has: ${Object.keys(plan.databases).join(', ')}`,
    );
  return database;
}

/** The logical backup of that name. @throws NotInPlan listing the names there are, or naming the method that does not fit */
export function backupOf(database: Database, name: string): Backup {
  const backup = Object.hasOwn(database.backups, name) ? database.backups[name] : undefined;
  if (!backup)
    throw new NotInPlan(
      `the plan has no backup "${name}"; it has: ${Object.keys(database.backups).join(', ')}`,
    );
  if (backup.method !== 'logical')
    throw new NotInPlan(`backup "${name}" is taken by the method "${backup.method}", not by this machine`);
  return backup;
}
