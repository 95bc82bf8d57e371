import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { instanceRestoresOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

/** A backup and the restore test that proves it. */
interface Proven {
  readonly backup: string;
  readonly restoreTest: string;
}

/** What a plan does with a database on RDS, by the names in the plan. */
export interface MethodsOnRds {
  readonly database: string;
  /** Its logical backups. */
  readonly logical: readonly string[];
  readonly snapshots: Proven;
  /** With the place where a restore of a moment stays. */
  readonly moments: Proven & { readonly place: string };
}

/** This plan protects no database on RDS by snapshots and by point in time, both with a restore test, and has a place for an instance that stays. */
export class NothingOnRds extends LifeboatError {
  override readonly name = 'NothingOnRds';
  override readonly kind = 'usage';

  constructor(workload: string) {
    super(
      `the plan of "${workload}" has no database on RDS whose snapshots and moments are both restored by a restore test, and moments into an instance that stays`,
      { hint: 'Drill with the plan that has both: lifeboat drill rds healing-guard' },
    );
  }
}

/** The first database of the plan that has all that the drill shows. @throws NothingOnRds */
export function methodsOnRds(plan: Plan): MethodsOnRds {
  for (const [database, { rds, backups }] of Object.entries(plan.databases)) {
    if (!rds) continue;
    const proven = (method: 'rdsSnapshot' | 'pointInTime'): Proven | undefined => {
      const tests = Object.entries(plan.restoreTests).map(([restoreTest, { from }]) => ({
        restoreTest,
        ...from,
      }));
      const test = tests.find(
        ({ database: of, backup }) => of === database && method in (backups[backup] ?? {}),
      );
      return test && { backup: test.backup, restoreTest: test.restoreTest };
    };
    const [snapshots, moments] = [proven('rdsSnapshot'), proven('pointInTime')];
    const place = instanceRestoresOf(plan).find(
      ([, { from }]) => from.database === database && from.backup === moments?.backup,
    )?.[0];
    if (!snapshots || !moments || place === undefined) continue;
    const logical = Object.keys(backups).filter((name) => 'logical' in (backups[name] ?? {}));
    return { database, logical, snapshots, moments: { ...moments, place } };
  }
  throw new NothingOnRds(plan.workload);
}
