import * as z from 'zod';
import {
  type DatabaseRestore,
  databaseOf,
  databaseRestoreOf,
  databaseTestOf,
  emptyInstanceTestsOf,
  type InstanceRestore,
  instanceRestoreOf,
  instanceTestOf,
  NotInPlan,
  restoreOf,
  restoreTestOf,
} from '../plan/lookup.ts';
import type { Plan } from '../plan/schema.ts';
import type { RestoreTest } from '../plan/sections/restore-tests.ts';
import type { ScratchInstanceSettings } from '../plan/sections/scratch.ts';

/** Which entry of the plan a copy is made for: a restore test or, else, a restore that stays. */
export const MadeFor = z.object({ restoreTest: z.string().optional(), restore: z.string().optional() });
export type MadeFor = z.infer<typeof MadeFor>;

/** The tables and schemas of a restore that does not bring everything back, such as `public.contacts` or `public`. */
export const Only = z.array(z.string().min(1)).optional();

/** What the plan says of a copy, whatever it is made for. */
export interface PlannedCopy extends Pick<RestoreTest, 'afterRestore' | 'checks' | 'freshness'> {
  /** The kind of run that makes it. */
  readonly machine: 'restore-test' | 'restore';
  readonly from: Pick<RestoreTest['from'], 'database' | 'backup'>;
  /** The server it is made on. */
  readonly server: CopyServer;
}

/** A server of the plan, or the RDS instance of the run: the login of that is in no secret of the plan. */
export type CopyServer =
  | DatabaseRestore['server']
  | (Pick<DatabaseRestore['server'], 'certificateAuthority' | 'expires'> & { readonly secret: null });

/** The entry of the plan that a copy on a server is made for. @throws NotInPlan */
export function plannedCopy(plan: Plan, madeFor: MadeFor): PlannedCopy {
  const made = requireEntry(madeFor);
  return made.machine === 'restore-test'
    ? { ...testedCopy(plan, made.name), machine: made.machine }
    : { ...databaseRestoreOf(plan, made.name), machine: made.machine };
}

function testedCopy(plan: Plan, name: string): Omit<PlannedCopy, 'machine'> {
  if (!emptyInstanceTestsOf(plan).some(([test]) => test === name)) {
    const { scratchDatabase, ...planned } = databaseTestOf(plan, name);
    return { ...planned, server: scratchDatabase };
  }
  const { scratchInstance, ...planned } = instanceTestOf(plan, name);
  const certificateAuthority =
    scratchInstance.certificateAuthority ??
    databaseOf(plan, planned.from.database).postgres.certificateAuthority;
  return { ...planned, server: { secret: null, certificateAuthority, expires: scratchInstance.expires } };
}

/** What the plan says of an RDS instance that a recovery point becomes, whether it is deleted after a test or stays. */
export interface PlannedInstance extends Omit<PlannedCopy, 'server'> {
  readonly instance: Pick<InstanceRestore['instance'], 'multiAz' | 'backupRetention'> &
    ScratchInstanceSettings;
}

/** The entry of the plan that an instance is made for. @throws NotInPlan */
export function plannedInstance(plan: Plan, madeFor: MadeFor): PlannedInstance {
  const made = requireEntry(madeFor);
  if (made.machine === 'restore') return { ...instanceRestoreOf(plan, made.name), machine: made.machine };
  const { scratchInstance, ...planned } = instanceTestOf(plan, made.name);
  return { ...planned, machine: made.machine, instance: scratchInstance };
}

/** The backup that an entry of the plan restores, wherever it goes to. @throws NotInPlan */
export function plannedSource(plan: Plan, madeFor: MadeFor): PlannedCopy['from'] {
  const made = requireEntry(madeFor);
  return (made.machine === 'restore-test' ? restoreTestOf : restoreOf)(plan, made.name).from;
}

function requireEntry({ restoreTest, restore }: MadeFor): Pick<PlannedCopy, 'machine'> & { name: string } {
  if (restoreTest !== undefined) return { machine: 'restore-test', name: restoreTest };
  if (restore !== undefined) return { machine: 'restore', name: restore };
  throw new NotInPlan('a copy is made for a restore test or for a place to restore to: name one of them');
}
