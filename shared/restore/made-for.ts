import * as z from 'zod';
import { databaseTestOf, NotInPlan, restoreOf, restoreTestOf } from '../plan/lookup.ts';
import type { Plan } from '../plan/schema.ts';
import type { RestoreTest } from '../plan/sections/restore-tests.ts';
import type { Restore } from '../plan/sections/restores.ts';

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
  readonly server: Restore['into']['server'];
}

/** The entry of the plan that a copy is made for. @throws NotInPlan */
export function plannedCopy(plan: Plan, { restoreTest, restore }: MadeFor): PlannedCopy {
  if (restoreTest !== undefined) {
    const { scratchDatabase, ...planned } = databaseTestOf(plan, restoreTest);
    return { ...planned, machine: 'restore-test', server: scratchDatabase };
  }
  if (restore === undefined)
    throw new NotInPlan('a copy is made for a restore test or for a place to restore to: name one of them');
  const { into, ...planned } = restoreOf(plan, restore);
  return { ...planned, machine: 'restore', server: into.server };
}

/** The backup that an entry of the plan restores, wherever it goes to. @throws NotInPlan */
export function plannedSource(plan: Plan, madeFor: MadeFor): PlannedCopy['from'] {
  const { restoreTest } = madeFor;
  return restoreTest === undefined ? plannedCopy(plan, madeFor).from : restoreTestOf(plan, restoreTest).from;
}
