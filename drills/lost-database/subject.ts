import { restoreTestNamed } from '../../cli/commands/restore-test.ts';
import { leftOutInWords, loadOwnData } from '../../local/own-data.ts';
import { type Loaded, sampleOf } from '../../local/sample/sample.ts';
import type { LocalAws } from '../../local/start.ts';
import type { Write } from '../../local/writer.ts';
import { beat } from '../../shared/database/postgres/heartbeat.ts';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

/** Whose database a drill loses: what is in it, and who writes to it meanwhile. */
export interface Subject {
  readonly database: string;
  readonly restoreTest: string;
  /** Of the chapter in which it is filled. */
  readonly title: string;
  load(aws: LocalAws, onBytes: (bytes: number) => void): Promise<Loaded & { readonly remark?: string }>;
  /** One write, which also writes the heartbeat. */
  readonly write: Write;
  /** Who writes, as a step. */
  readonly writer: string;
}

/** The sample application of a plan. @param scale 1 is about 1 GB @throws NoSampleData */
export function sampleSubject(plan: Plan, scale: number): Subject {
  const { database, restoreTest, load, write } = sampleOf(plan);
  return {
    database,
    restoreTest,
    title: 'An application at work',
    load: (aws) => load(aws, scale),
    write,
    writer: 'its writes',
  };
}

/**
 * A person's own schema and data. Nothing of theirs writes during the drill, so only the heartbeat tells how much is lost.
 *
 * @param files SQL scripts, run in this order by the database's owner
 * @param test a restore test of the plan; not needed where it has one
 * @throws WrongUsage where the plan has several restore tests and none is named; NotInPlan
 */
export function ownSubject(plan: Plan, files: readonly string[], test: string | undefined): Subject {
  const restoreTest = restoreTestNamed(plan, test);
  const { database } = restoreTestOf(plan, restoreTest).from;
  return {
    database,
    restoreTest,
    title: 'Your schema and your data',
    async load(aws, onBytes) {
      const { leftOut, ...loaded } = await loadOwnData(aws, database, files, onBytes);
      return { ...loaded, remark: leftOutInWords(leftOut) };
    },
    write: (client, at) => beat(client, plan.workload, at),
    writer: 'the heartbeat',
  };
}
