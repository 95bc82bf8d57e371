import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { formatDuration } from '../values/duration.ts';
import { duration, named, schedule, text } from '../values/fields.ts';
import { oneOfNames, type Violation, wrong } from '../violation.ts';
import type { Backup } from './backups.ts';
import type { Databases } from './databases.ts';
import { emptyInstanceRules } from './empty-instance-rules.ts';
import { type Objectives, scenario, scenarioExists } from './objectives.ts';
import { into } from './scratch.ts';

const expectation = z.union(
  [
    z.strictObject({
      equals: z
        .union(
          [
            z.number().refine((n) => !Number.isInteger(n) || Number.isSafeInteger(n), {
              error: 'an integer within ±(2^53 − 1); put a larger one in quotes',
            }),
            z.string(),
            z.boolean(),
            z.null(),
          ],
          { error: 'a number, a text, true, false or null' },
        )
        .describe('The first column of the only row is this value.'),
    }),
    z.strictObject({
      atLeast: z.number().describe('The first column of the only row is this number or more.'),
    }),
    z.strictObject({
      atMost: z.number().describe('The first column of the only row is this number or less.'),
    }),
    z.strictObject({
      noRows: z
        .literal(true, { error: 'true' })
        .describe('The query finds nothing: it looks for what must not be there.'),
    }),
  ],
  { error: 'exactly one of equals, atLeast, atMost and noRows' },
);

export const check = z.strictObject({
  name: text('a sentence').describe('The fact the check proves, as the report will say it.'),
  sql: text('a SQL query').describe('One read-only query, run in the restored copy.'),
  expect: expectation.describe('What the query must answer: one of equals, atLeast, atMost, noRows.'),
});

export const freshness = duration.describe(
  'How much older than its recovery point the newest heartbeat in the copy may be. More than heartbeat.every.',
);

export const afterRestore = z
  .array(text('a SQL statement'))
  .default([])
  .describe(
    'SQL run in the copy before the checks so that it has no side effects: jobs off, outgoing triggers off.',
  )
  .meta({ examples: [['UPDATE cron.job SET active = false']] });

const restoreTest = z.strictObject({
  from: z
    .strictObject({
      database: text('the name of a database').describe('The database whose backup is restored.'),
      backup: text('the name of a backup').describe(
        'Which of its backups is restored: a logical one, a snapshot that Lifeboat takes, or a point in time that it looks after.',
      ),
      choose: z
        .enum(['newest', 'random'])
        .describe(
          'Which recovery point: the newest, or any that is kept (an old one may have rotted). Of a point in time: a moment between two heartbeats.',
        ),
    })
    .describe('What is restored.'),
  into: into.describe(
    'Where the copy lives. A logical backup goes into either; what RDS keeps becomes an RDS instance.',
  ),
  schedule: schedule.describe('When the restore is tested. In UTC.'),
  scenario,
  freshness,
  afterRestore,
  checks: z
    .array(check)
    .describe("The application's own questions to the copy, besides the comparison with the manifest."),
});

export const restoreTests = named(restoreTest)
  .default({})
  .describe('How it is proven that backups restore, by name.');

export type RestoreTests = z.output<typeof restoreTests>;
export type RestoreTest = z.output<typeof restoreTest>;
export type Check = z.output<typeof check>;
export type Expectation = z.output<typeof expectation>;

/** What a restore test and a restore that stays have in common. */
type RestoredParts = Parts<Pick<RestoreTest, 'freshness' | 'checks'>> & {
  readonly from?:
    | { readonly database?: string | undefined; readonly backup?: string | undefined }
    | undefined;
};
type DatabasesParts = Parts<Databases>;

/**
 * A restore test restores a database of the plan into a place that is not a source, and runs only checks that
 * can work there.
 */
export function restoreTestRules({
  restoreTests = {},
  databases = {},
  objectives,
}: Parts<{ restoreTests: RestoreTests; databases: Databases; objectives: Objectives }>): Violation[] {
  return Object.entries(restoreTests).flatMap(([name, restoreTest = {}]) => {
    const path = ['restoreTests', name];
    const { database } = restoreTest.from ?? {};
    return [
      ...oneOfNames([...path, 'from', 'database'], 'a database of this plan', database, databases),
      ...placedRightly(path, restoreTest, databases, PLACES),
      ...emptyInstanceRules(path, restoreTest, databases),
      ...scenarioExists([...path, 'scenario'], restoreTest.scenario, objectives),
      ...secretApart([...path, 'into', 'scratchDatabase', 'secret'], secretOf(restoreTest.into), databases),
      ...freshnessMeasurable(path, restoreTest, databases),
      ...checkNamesDiffer(path, restoreTest),
    ];
  });
}

function databaseOfTest({ from }: RestoredParts, databases: DatabasesParts) {
  const name = from?.database;
  return name !== undefined && Object.hasOwn(databases, name) ? databases[name] : undefined;
}

function secretOf(into: Parts<RestoreTest>['into']): string | undefined {
  return into && 'scratchDatabase' in into ? into.scratchDatabase?.secret : undefined;
}

/** The keys of `into` for a logical backup, and for what becomes an RDS instance. */
export interface Places {
  /** Null where any place will do. */
  readonly logical: string | null;
  readonly storage: string;
}

const PLACES: Places = { logical: null, storage: 'scratchInstance' };

/** The backup is one that Lifeboat takes, and goes to a place that its method can be restored into. */
export function placedRightly(
  path: Path,
  restored: RestoredParts & { readonly into?: object | undefined },
  databases: DatabasesParts,
  places: Places,
): Violation[] {
  const wanted = restored.from?.backup;
  const database = databaseOfTest(restored, databases);
  const backups = database?.backups;
  if (wanted === undefined || backups === undefined) return [];
  // A backup with an unreadable method is already reported; its references are not.
  if (Object.hasOwn(backups, wanted) && backups[wanted] === undefined) return [];
  const rds = database?.rds;
  const place = Object.hasOwn(backups, wanted) ? placeFor(backups[wanted], rds) : null;
  if (place !== null) return rightPlace(path, restored, { ...place, into: places[place.of] });

  const known = Object.keys(backups).filter((name) => placeFor(backups[name], rds) !== null);
  const ofCluster = rds?.cluster === undefined ? '' : ', and no snapshot of an Aurora cluster';
  const expected = `a backup of this database that Lifeboat takes${ofCluster} (${known.join(', ') || 'there is none'})`;
  return [wrong([...path, 'from', 'backup'], expected, known)];
}

interface Place {
  readonly of: keyof Places;
  readonly because: string;
}

/** Where a backup can be restored to; null for one that Lifeboat does not take. */
function placeFor(
  backup: Parts<Backup> | undefined,
  rds: { readonly cluster?: string | undefined } | undefined,
): Place | null {
  if (backup === undefined || backup.takenBy !== undefined) return null;
  if ('logical' in backup) return { of: 'logical', because: 'a logical backup is loaded into a database' };
  // An instance of Aurora lives in a cluster, and only the snapshots of instances are restored yet.
  if (rds?.cluster !== undefined) return null;
  if ('rdsSnapshot' in backup) return { of: 'storage', because: 'a snapshot becomes an RDS instance' };
  return 'pointInTime' in backup ? { of: 'storage', because: 'a moment becomes an RDS instance' } : null;
}

function rightPlace(
  path: Path,
  { into }: { readonly into?: object | undefined },
  place: { readonly into: string | null; readonly because: string },
): Violation[] {
  const [given] = Object.keys(into ?? {});
  if (given === undefined || place.into === null || given === place.into) return [];
  return [{ ...wrong([...path, 'into', given], `${place.into}: ${place.because}`), found: undefined }];
}

/** The login of the server drops databases. With the login of a source, one mistake elsewhere would drop the source. */
export function secretApart(path: Path, secret: string | undefined, databases: DatabasesParts): Violation[] {
  const sources = Object.values(databases).map((database) => database?.postgres?.secret);
  if (secret === undefined || !sources.includes(secret)) return [];
  return [{ ...wrong(path, 'another secret than that of a database of this plan'), found: undefined }];
}

/** The newest heartbeat is up to one interval old at any time, so a stricter freshness would fail good backups. */
export function freshnessMeasurable(
  path: Path,
  restoreTest: RestoredParts,
  databases: DatabasesParts,
): Violation[] {
  const interval = databaseOfTest(restoreTest, databases)?.heartbeat?.every;
  const limit = restoreTest.freshness;
  if (interval === undefined || limit === undefined || limit > interval) return [];
  const expected = `more than heartbeat.every of the database, which is ${formatDuration(interval)}`;
  return [wrong([...path, 'freshness'], expected)];
}

/** Verdicts name the checks, so two checks of the same name could not be told apart. */
export function checkNamesDiffer(path: Path, { checks = [] }: RestoredParts): Violation[] {
  const names = checks.map((check) => check?.name);
  return names.flatMap((name, index) => {
    if (name === undefined || names.indexOf(name) === index) return [];
    return [wrong([...path, 'checks', index, 'name'], 'a name that no check above has')];
  });
}
