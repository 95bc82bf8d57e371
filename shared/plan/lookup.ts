import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Queue, Rehydration } from './queue-schema.ts';
import type { Backup, Database, Plan } from './schema.ts';

/** A request names something that the deployed plan does not have. */
export class NotInPlan extends LifeboatError {
  override readonly name = 'NotInPlan';
  override readonly kind = 'usage';
}

/** The plan's database of that name. @throws NotInPlan listing the names there are */
export function databaseOf(plan: Plan, name: string): Database {
  return entryOf(plan.databases, 'database', name);
}

/** The plan's queue of that name. @throws NotInPlan listing the names there are */
export function queueOf(plan: Plan, name: string): Queue {
  return entryOf(plan.queues, 'queue', name);
}

/** The plan's rehydration of that name. @throws NotInPlan listing the names there are */
export function rehydrationOf(plan: Plan, name: string): Rehydration {
  return entryOf(plan.rehydrations, 'rehydration', name);
}

/** The logical backup of that name. @throws NotInPlan listing the names there are, or naming the method that does not fit */
export function backupOf(database: Database, name: string): Backup {
  const backup = entryOf(database.backups, 'backup', name);
  if (backup.method !== 'logical')
    throw new NotInPlan(`backup "${name}" is taken by the method "${backup.method}", not by this machine`);
  return backup;
}

function entryOf<Entry>(entries: Readonly<Record<string, Entry>>, kind: string, name: string): Entry {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry !== undefined) return entry;
  const names = Object.keys(entries).join(', ');
  throw new NotInPlan(`the plan has no ${kind} "${name}"${names ? `; it has: ${names}` : ', nor any other'}`);
}
