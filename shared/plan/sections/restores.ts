import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { DAY, HOUR } from '../values/duration.ts';
import { duration, named, rdsName, secretKeys, secretName, text } from '../values/fields.ts';
import { oneOfNames, type Violation, wrong } from '../violation.ts';
import type { Databases } from './databases.ts';
import { instanceShape } from './instance-shape.ts';
import { type Objectives, scenario, scenarioExists } from './objectives.ts';
import {
  afterRestore,
  check,
  checkNamesDiffer,
  freshness,
  freshnessMeasurable,
  placedRightly,
  type RestoreTests,
  secretApart,
} from './restore-tests.ts';

const ROLE_PHRASE = 'the name of a PostgreSQL role: at most 63 bytes, and not one that begins with pg_';

const server = z.strictObject({
  secret: secretName.describe(
    'Secret with a login to the server that may create databases and roles. Never the secret of a database of this plan.',
  ),
  certificateAuthority: secretName.describe(
    "Secret with the certificate authority of the server's TLS certificate.",
  ),
  keys: secretKeys,
  expires: duration
    .refine((age) => age > 0, { error: 'a duration longer than 0s' })
    .describe(
      'Age after which the sweeper drops a copy that was not handed over. Longer than the longest restore, and long enough to look at a rejected copy.',
    ),
});

const instance = z.strictObject({
  ...instanceShape,
  name: rdsName('an RDS instance')
    .optional()
    .describe(
      'Its name where the call gives none: "lifeboat restore --into". Never restored over: a second restore needs another.',
    ),
  multiAz: z
    .boolean({ error: 'true or false' })
    .optional()
    .describe('Whether it has a standby in another Availability Zone. Without it, as the source had it.'),
  backupRetention: duration
    .refine((age) => age >= DAY && age <= 35 * DAY && age % DAY === 0, {
      error: 'whole days from 1d to 35d, which is what RDS keeps',
    })
    .optional()
    .describe('How long RDS keeps automated backups of it. Without it, as long as for the source.'),
  expires: duration
    .refine((age) => age >= HOUR, { error: 'a duration of at least 1h' })
    .describe(
      'Age after which the sweeper deletes an instance that was not handed over. Longer than the longest restore, and long enough to look at a rejected copy. It costs money until then.',
    ),
});

/** Where a restored database lives: which of the two follows from the method of the backup. */
const into = z.union(
  [
    z.strictObject({
      server: server.describe(
        'A server that the application can use. It is reached from the network of the databases of this plan.',
      ),
    }),
    z.strictObject({
      instance: instance.describe(
        'An RDS instance of its own, which stays and costs money until you delete it.',
      ),
    }),
  ],
  { error: 'exactly one of server and instance' },
);

const SETTING_PHRASE = 'a text, a number, true or false';

const restore = z.strictObject({
  from: z
    .strictObject({
      database: text('the name of a database').describe('The database whose backup is restored.'),
      backup: text('the name of a backup').describe(
        'Which of its backups is restored: a logical one, a snapshot that Lifeboat takes, or a point in time that it looks after.',
      ),
    })
    .describe('What is restored.'),
  into: into.describe('Where the restored database lives. It follows from the method of the backup.'),
  owner: z
    .string({ error: ROLE_PHRASE })
    .refine((role) => /\S/.test(role) && Buffer.byteLength(role) <= 63 && !role.startsWith('pg_'), {
      error: ROLE_PHRASE,
    })
    .optional()
    .describe(
      'The role that owns the restored database and everything in it. Made without login if it is missing. Without it: the owner that the source had, where the server has that role, else the login that the restore makes.',
    )
    .meta({ examples: ['app'] }),
  grants: z
    .array(text('a SQL statement'))
    .default([])
    .describe(
      'SQL run in the validated copy before it gets its name, after the grants that the source had. {database} stands for the database.',
    )
    .meta({
      examples: [
        [
          'GRANT CONNECT ON DATABASE {database} TO reporting',
          'GRANT SELECT ON ALL TABLES IN SCHEMA public TO reporting',
        ],
      ],
    }),
  settings: z
    .record(
      z.string().regex(/^[a-zA-Z_][\w.]*$/, { error: 'the name of a PostgreSQL setting' }),
      z.union([z.string(), z.number(), z.boolean()], { error: SETTING_PHRASE }),
    )
    .default({})
    .describe(
      'Settings of the restored database, as ALTER DATABASE … SET keeps them. They replace those that the source had.',
    )
    .meta({ examples: [{ statement_timeout: '30s' }] }),
  scenario,
  freshness,
  afterRestore,
  checks: z
    .array(check)
    .default([])
    .describe("The application's own questions to the copy, besides the comparison with the manifest."),
});

export const restores = named(restore)
  .default({})
  .describe('Places where a restore that stays may go to, by name: "lifeboat restore".');

export type Restores = z.output<typeof restores>;
export type Restore = z.output<typeof restore>;

/** A restore restores a database of the plan into a server that is not reached by the login of a source. */
export function restoreRules({
  restores = {},
  restoreTests = {},
  databases = {},
  objectives,
}: Parts<{
  restores: Restores;
  restoreTests: RestoreTests;
  databases: Databases;
  objectives: Objectives;
}>): Violation[] {
  return Object.entries(restores).flatMap(([name, restore = {}]) => {
    const path: Path = ['restores', name];
    return [
      // Schedules and alarms are named after either.
      ...(Object.hasOwn(restoreTests, name) ? [differentName(path)] : []),
      ...oneOfNames(
        [...path, 'from', 'database'],
        'a database of this plan',
        restore.from?.database,
        databases,
      ),
      ...placedRightly(path, restore, databases, PLACES),
      ...scenarioExists([...path, 'scenario'], restore.scenario, objectives),
      ...secretApart([...path, 'into', 'server', 'secret'], secretOf(restore.into), databases),
      ...carriedByStorage(path, restore),
      ...freshnessMeasurable(path, restore, databases),
      ...checkNamesDiffer(path, restore),
      ...grantsFilledIn(path, restore),
    ];
  });
}

const PLACES = { logical: 'server', storage: 'instance' } as const;

function secretOf(into: Parts<Restore>['into']): string | undefined {
  return into && 'server' in into ? into.server?.secret : undefined;
}

/** A snapshot and a moment bring their roles, owners, grants and settings, which a logical backup does not. */
function carriedByStorage(path: Path, { into, ...restore }: Parts<Restore>): Violation[] {
  if (!into || !('instance' in into)) return [];
  const given = [
    ...(restore.owner === undefined ? [] : ['owner']),
    ...((restore.grants ?? []).length === 0 ? [] : ['grants']),
    ...(Object.keys(restore.settings ?? {}).length === 0 ? [] : ['settings']),
  ];
  return given.map((key) => ({
    ...wrong([...path, key], 'nothing: an instance has those of its source; put SQL into afterRestore'),
    found: undefined,
  }));
}

function differentName(path: Path): Violation {
  return {
    kind: 'wrong name',
    path,
    expected: 'a name that no restore test has',
    found: String(path.at(-1)),
  };
}

/** `{database}` is the only name that is filled in: another one would reach the server as it stands. */
function grantsFilledIn(path: Path, { grants = [] }: Parts<Restore>): Violation[] {
  return grants.flatMap((sql, index) =>
    sql !== undefined && /\{(?!database\})\w+\}/.test(sql)
      ? [wrong([...path, 'grants', index], 'SQL in which {database} is the only name in braces')]
      : [],
  );
}
