import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { RegionRole } from './region-role.ts';
import type { Plan } from './schema.ts';
import type {
  Backup,
  LogicalBackup,
  OwnBackup,
  PointInTimeBackup,
  RdsSnapshotBackup,
} from './sections/backups.ts';
import type { Database } from './sections/databases.ts';
import type { LeasePlan } from './sections/lease.ts';
import type { Rehydration } from './sections/rehydrations.ts';
import type { Replay, Target } from './sections/replays.ts';
import type { RestoreTest } from './sections/restore-tests.ts';
import type { Restore } from './sections/restores.ts';
import type { ScratchDatabaseSettings, ScratchInstanceSettings } from './sections/scratch.ts';

// Kept apart from the sections, whose schemas would enter the bundle of each function that looks something
// up.

/** A request names something that the deployed plan does not have. */
export class NotInPlan extends LifeboatError {
  override readonly name = 'NotInPlan';
  override readonly kind = 'usage';
}

/** The plan's database of that name. @throws NotInPlan listing the known names */
export function databaseOf(plan: Plan, name: string): Database {
  return entryOf(plan.databases, 'database', name);
}

/** The lease of a database. @throws NotInPlan where the plan has none, or no such database */
export function leaseOf(plan: Plan, name: string): LeasePlan {
  const { lease } = databaseOf(plan, name);
  if (lease) return lease;
  throw new NotInPlan(`database "${name}" has no lease in the plan`, {
    hint: 'Add databases.<name>.lease to the plan, and deploy it.',
  });
}

/** The names of the databases that a lease fences. */
export function leasedDatabases({ databases }: Pick<Plan, 'databases'>): string[] {
  return Object.entries(databases).flatMap(([name, { lease }]) => (lease ? [name] : []));
}

/** The tables of a lease. Without a schema a table is in `public`. */
export function fencedTables({ tables }: LeasePlan): { schema: string; name: string }[] {
  return tables.map((table) => {
    const [first = '', second] = table.split('.');
    return second === undefined ? { schema: 'public', name: first } : { schema: first, name: second };
  });
}

/** The plan's restore test of that name. @throws NotInPlan listing the known names */
export function restoreTestOf(plan: Plan, name: string): RestoreTest {
  return entryOf(plan.restoreTests, 'restore test', name);
}

/** The plan's place for a restore that stays. @throws NotInPlan listing the known names */
export function restoreOf(plan: Plan, name: string): Restore {
  return entryOf(plan.restores, 'place to restore to', name);
}

/** A restore test whose copy is a database on a scratch server. */
export type DatabaseTest = RestoreTest & { readonly scratchDatabase: ScratchDatabaseSettings };
/** A restore test whose copy is an RDS instance. */
export type InstanceTest = RestoreTest & { readonly scratchInstance: ScratchInstanceSettings };

/** The restore test of that name, which restores into a database. @throws NotInPlan */
export function databaseTestOf(plan: Plan, name: string): DatabaseTest {
  const restoreTest = restoreTestOf(plan, name);
  if ('scratchDatabase' in restoreTest.into) return { ...restoreTest, ...restoreTest.into };
  throw new NotInPlan(`restore test "${name}" restores into an RDS instance, not into a database`);
}

/** The restore test of that name, which restores into an RDS instance. @throws NotInPlan */
export function instanceTestOf(plan: Plan, name: string): InstanceTest {
  const restoreTest = restoreTestOf(plan, name);
  if ('scratchInstance' in restoreTest.into) return { ...restoreTest, ...restoreTest.into };
  throw new NotInPlan(`restore test "${name}" restores into a database, not into an RDS instance`);
}

/**
 * What an instance is to be in one of the two Regions: groups are of one Region.
 *
 * @param named the entry of the plan, in words: `restore test "nightly"`
 * @throws NotInPlan where the plan names no groups of the standby Region
 */
export function instanceShapeIn(
  plan: Plan,
  planned: ScratchInstanceSettings,
  { role, named }: { role: RegionRole; named: string },
) {
  const { class: ofClass, standby, ...given } = planned;
  if (role === 'standby' && standby === undefined)
    throw new NotInPlan(`${named} names no groups of ${plan.regions.standby} for its instance`, {
      hint: 'give its instance the part "standby" with securityGroups of that Region, and deploy',
    });
  const { subnetGroup, securityGroups, parameterGroup, optionGroup } =
    role === 'standby' && standby ? standby : given;
  return { class: ofClass, subnetGroup, securityGroups, parameterGroup, optionGroup };
}

/** The restore tests that restore into databases, by name. */
export function databaseTestsOf(plan: Plan): [string, DatabaseTest][] {
  return Object.entries(plan.restoreTests).flatMap(([name, { into }]) =>
    'scratchDatabase' in into ? [[name, databaseTestOf(plan, name)]] : [],
  );
}

/** The restore tests that restore into RDS instances, by name. */
export function instanceTestsOf(plan: Plan): [string, InstanceTest][] {
  return Object.entries(plan.restoreTests).flatMap(([name, { into }]) =>
    'scratchInstance' in into ? [[name, instanceTestOf(plan, name)]] : [],
  );
}

/** The restore tests that load a logical backup into an RDS instance of their own, by name. */
export function emptyInstanceTestsOf(plan: Plan): [string, InstanceTest][] {
  return instanceTestsOf(plan).filter(([, { from }]) => isLogical(plan, from));
}

/** Whether a backup of the plan is a logical one. */
export function isLogical(
  plan: Plan,
  { database, backup }: Pick<RestoreTest['from'], 'database' | 'backup'>,
): boolean {
  return 'logical' in backupOf(databaseOf(plan, database), backup);
}

/** A restore that stays on a server of the plan. */
export type DatabaseRestore = Restore & {
  readonly server: Extract<Restore['into'], { server: unknown }>['server'];
};
/** A restore that stays as an RDS instance of its own. */
export type InstanceRestore = Restore & {
  readonly instance: Extract<Restore['into'], { instance: unknown }>['instance'];
};

/** The place for a restored database on a server. @throws NotInPlan */
export function databaseRestoreOf(plan: Plan, name: string): DatabaseRestore {
  const restore = restoreOf(plan, name);
  if ('server' in restore.into) return { ...restore, ...restore.into };
  throw new NotInPlan(`place "${name}" is an RDS instance of its own, not a database on a server`);
}

/** The place for a restored RDS instance. @throws NotInPlan */
export function instanceRestoreOf(plan: Plan, name: string): InstanceRestore {
  const restore = restoreOf(plan, name);
  if ('instance' in restore.into) return { ...restore, ...restore.into };
  throw new NotInPlan(`place "${name}" is a database on a server, not an RDS instance`);
}

/** The places for restored databases on servers, by name. */
export function databaseRestoresOf(plan: Plan): [string, DatabaseRestore][] {
  return Object.entries(plan.restores).flatMap(([name, { into }]) =>
    'server' in into ? [[name, databaseRestoreOf(plan, name)]] : [],
  );
}

/** The places for restored RDS instances, by name. */
export function instanceRestoresOf(plan: Plan): [string, InstanceRestore][] {
  return Object.entries(plan.restores).flatMap(([name, { into }]) =>
    'instance' in into ? [[name, instanceRestoreOf(plan, name)]] : [],
  );
}

/** Everything of the plan that makes RDS instances: restore tests and restores that stay. */
export function instancePlacesOf(plan: Plan): {
  readonly from: Restore['from'];
  readonly shape: InstanceRestore['instance'] | ScratchInstanceSettings;
}[] {
  return [
    ...instanceTestsOf(plan).map(([, { from, scratchInstance }]) => ({ from, shape: scratchInstance })),
    ...instanceRestoresOf(plan).map(([, { from, instance }]) => ({ from, shape: instance })),
  ];
}

/** Those of them that RDS makes of what it keeps itself: a snapshot, or a moment. */
export function storedInstancePlacesOf(plan: Plan): ReturnType<typeof instancePlacesOf> {
  return instancePlacesOf(plan).filter(({ from }) => !isLogical(plan, from));
}

/** The plan's replay of that name. @throws NotInPlan listing the known names */
export function replayOf(plan: Plan, name: string): Replay {
  return entryOf(plan.replays, 'replay', name);
}

/** The plan's rehydration of that name. @throws NotInPlan listing the known names */
export function rehydrationOf(plan: Plan, name: string): Rehydration {
  return entryOf(plan.rehydrations, 'rehydration', name);
}

/** Every target of a replay: the one for all sources, and those of single sources. */
export function targetsOf({ target, sources }: Pick<Replay, 'target' | 'sources'>): Target[] {
  return [
    target,
    ...(typeof sources === 'object' ? Object.values(sources).map((source) => source.target) : []),
  ];
}

/** The backup of that name, taken by Lifeboat or by another. @throws NotInPlan listing the known names */
export function plannedBackupOf(database: Database, name: string): Backup {
  return entryOf(database.backups, 'backup', name);
}

/**
 * The backup of that name, which Lifeboat takes. @throws NotInPlan listing the known names, or saying who takes it instead
 */
export function backupOf(database: Database, name: string): OwnBackup {
  const backup = plannedBackupOf(database, name);
  if (backup.takenBy !== undefined)
    throw new NotInPlan(`backup "${name}" is taken by ${backup.takenBy}, not by Lifeboat`);
  return backup as OwnBackup;
}

/** The logical backup of that name. @throws NotInPlan */
export function logicalBackupOf(database: Database, name: string): LogicalBackup {
  const backup = backupOf(database, name);
  if (!('logical' in backup))
    throw new NotInPlan(`backup "${name}" is kept by RDS, and is no logical backup`);
  return backup;
}

/** The snapshot backup of that name, and what it is taken of. @throws NotInPlan */
export function snapshotBackupOf(
  database: Database,
  name: string,
): { backup: RdsSnapshotBackup; source: RdsSource } {
  const backup = backupOf(database, name);
  const source = rdsSourceOf(database);
  if (!('rdsSnapshot' in backup) || !source)
    throw new NotInPlan(
      `backup "${name}" is no snapshot that Lifeboat takes of an RDS instance or an Aurora cluster`,
    );
  return { backup, source };
}

/** What RDS keeps a database in. */
export interface RdsSource {
  readonly kind: 'instance' | 'cluster';
  /** Its identifier. */
  readonly name: string;
}

/** The instance or cluster that a database lives on; undefined where the plan names none. */
export function rdsSourceOf({ rds }: Pick<Database, 'rds'>): RdsSource | undefined {
  if (rds?.instance !== undefined) return { kind: 'instance', name: rds.instance };
  return rds?.cluster === undefined ? undefined : { kind: 'cluster', name: rds.cluster };
}

/** The point-in-time backup of that name, which Lifeboat looks after, and its instance. @throws NotInPlan */
export function pointInTimeBackupOf(
  database: Database,
  name: string,
): { backup: PointInTimeBackup; instance: string } {
  const backup = backupOf(database, name);
  if (!('pointInTime' in backup) || database.rds?.instance === undefined)
    throw new NotInPlan(`backup "${name}" is no point in time of an RDS instance that Lifeboat looks after`);
  return { backup, instance: database.rds.instance };
}

/** Whether RDS keeps moments of a database that Lifeboat looks after. */
export function keepsMoments({ rds, backups }: Database): boolean {
  return (
    rds !== undefined &&
    Object.values(backups).some((backup) => backup.takenBy === undefined && 'pointInTime' in backup)
  );
}

function entryOf<Entry>(entries: Readonly<Record<string, Entry>>, kind: string, name: string): Entry {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry !== undefined) return entry;
  const names = Object.keys(entries).join(', ');
  throw new NotInPlan(`the plan has no ${kind} "${name}"${names ? `; it has: ${names}` : ', nor any other'}`);
}
