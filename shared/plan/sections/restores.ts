import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { duration, named, secretKeys, secretName, text } from '../values/fields.ts';
import { oneOfNames, type Violation, wrong } from '../violation.ts';
import type { Databases } from './databases.ts';
import { type Objectives, scenario, scenarioExists } from './objectives.ts';
import {
  afterRestore,
  check,
  checkNamesDiffer,
  freshness,
  freshnessMeasurable,
  type RestoreTests,
  restoredBackup,
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

const SETTING_PHRASE = 'a text, a number, true or false';

const restore = z.strictObject({
  from: z
    .strictObject({
      database: text('the name of a database').describe('The database whose backup is restored.'),
      backup: text('the name of a logical backup').describe('Which of its logical backups is restored.'),
    })
    .describe('What is restored.'),
  into: z
    .strictObject({
      server: server.describe(
        'A server that the application can use. It is reached from the network of the databases of this plan.',
      ),
    })
    .describe('Where the restored database lives.'),
  owner: z
    .string({ error: ROLE_PHRASE })
    .refine((role) => /\S/.test(role) && Buffer.byteLength(role) <= 63 && !role.startsWith('pg_'), {
      error: ROLE_PHRASE,
    })
    .optional()
    .describe(
      'The role that owns the restored database and everything in it. Made without login if it is missing. Without it: the login that the restore makes.',
    )
    .meta({ examples: ['app'] }),
  grants: z
    .array(text('a SQL statement'))
    .default([])
    .describe(
      'SQL run in the validated copy before it gets its name: a backup carries no grants. {database} stands for the database.',
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
    .describe('Settings of the restored database, as ALTER DATABASE … SET keeps them.')
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
      ...restoredBackup(path, restore, databases),
      ...scenarioExists([...path, 'scenario'], restore.scenario, objectives),
      ...secretApart([...path, 'into', 'server', 'secret'], restore.into?.server?.secret, databases),
      ...freshnessMeasurable(path, restore, databases),
      ...checkNamesDiffer(path, restore),
      ...grantsFilledIn(path, restore),
    ];
  });
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
