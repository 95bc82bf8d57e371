import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { formatDuration, MINUTE } from '../values/duration.ts';
import { duration, ec2Id, named, secretName } from '../values/fields.ts';
import { type Violation, wrong } from '../violation.ts';
import { type Backup, backups } from './backups.ts';
import { type Objectives, scenarioExists } from './objectives.ts';
import { restoreTest } from './restore-tests.ts';

const network = z.strictObject({
  subnets: z
    .array(ec2Id('subnet', 'a subnet'))
    .min(1, { error: 'at least one subnet' })
    .describe('Private subnets, in different Availability Zones, from which the database is reachable.'),
  securityGroups: z
    .array(ec2Id('sg', 'a security group'))
    .min(1, { error: 'at least one security group' })
    .describe('Security groups that the database and the scratch server let in.'),
});

const postgres = z.strictObject({
  secret: secretName.describe(
    'Secrets Manager secret with host, port, dbname, username and password, present in both Regions.',
  ),
  certificateAuthority: secretName.describe(
    "Secret with the certificate authority of the server's TLS certificate.",
  ),
  network: network
    .optional()
    .describe('Where the functions run that reach the database. Without it: outside of any VPC.'),
});

// A second engine makes a union of it, by the key of the engine, as the target of a replay is one.
const database = z.strictObject({
  postgres: postgres.describe('A PostgreSQL server.'),
  heartbeat: z
    .strictObject({
      every: duration
        .refine((interval) => interval >= MINUTE && interval % MINUTE === 0, {
          // EventBridge Scheduler: rates in minutes, no schedule more often than each minute.
          error: 'a duration of whole minutes, at least 1m',
        })
        .describe('How often a row with the time is written to the source. Whole minutes.'),
    })
    .describe(
      'The measured loss is the time between the failure and the newest heartbeat that was recovered.',
    ),
  backups,
  restoreTest: restoreTest.describe('How it is proven that a backup restores.'),
});

export const databases = named(database)
  .refine((databases) => Object.keys(databases).length > 0, { error: 'at least one database' })
  .describe('The databases, by name.');

export type Databases = z.output<typeof databases>;
export type Database = z.output<typeof database>;
export type Network = z.output<typeof network>;

type DatabaseParts = Parts<Database>;

/** What a database says about itself in more than one place. */
export function databaseRules({
  databases = {},
  objectives,
}: Parts<{ databases: Databases; objectives: Objectives }>): Violation[] {
  return Object.entries(databases).flatMap(([name, database = {}]) => {
    const path = ['databases', name];
    return [
      ...restoredBackup(path, database),
      ...scenarioExists([...path, 'restoreTest', 'scenario'], database.restoreTest?.scenario, objectives),
      ...scratchApart(path, database),
      ...freshnessMeasurable(path, database),
      ...checkNamesDiffer(path, database),
    ];
  });
}

function restoredBackup(path: Path, { backups = {}, restoreTest }: DatabaseParts): Violation[] {
  const wanted = restoreTest?.backup;
  if (wanted === undefined) return [];
  const isLogical = (backup: Parts<Backup> | undefined) => backup !== undefined && 'logical' in backup;
  // A backup whose method cannot be read is a mistake of its own, not of what refers to it.
  const unread = Object.hasOwn(backups, wanted) && backups[wanted] === undefined;
  if (unread || (Object.hasOwn(backups, wanted) && isLogical(backups[wanted]))) return [];

  const logical = Object.keys(backups).filter((name) => isLogical(backups[name]));
  const expected = `a logical backup of this database (${logical.join(', ') || 'there is none'})`;
  return [wrong([...path, 'restoreTest', 'backup'], expected, logical)];
}

/** The scratch login drops databases. With the login of the source, one mistake elsewhere would drop the source. */
function scratchApart(path: Path, { postgres, restoreTest }: DatabaseParts): Violation[] {
  const scratch = restoreTest?.scratch?.secret;
  if (scratch === undefined || scratch !== postgres?.secret) return [];
  const place = [...path, 'restoreTest', 'scratch', 'secret'];
  return [{ ...wrong(place, "another secret than the database's own"), found: undefined }];
}

/** The newest heartbeat is up to one interval old at any time, so a stricter freshness would fail good backups. */
function freshnessMeasurable(path: Path, { heartbeat, restoreTest }: DatabaseParts): Violation[] {
  const interval = heartbeat?.every;
  const limit = restoreTest?.freshness;
  if (interval === undefined || limit === undefined || limit > interval) return [];
  const expected = `more than heartbeat.every, which is ${formatDuration(interval)}`;
  return [wrong([...path, 'restoreTest', 'freshness'], expected)];
}

/** Verdicts name the checks: two of the same name could not be told apart. */
function checkNamesDiffer(path: Path, { restoreTest }: DatabaseParts): Violation[] {
  const names = (restoreTest?.checks ?? []).map((check) => check?.name);
  return names.flatMap((name, index) => {
    if (name === undefined || names.indexOf(name) === index) return [];
    return [wrong([...path, 'restoreTest', 'checks', index, 'name'], 'a name that no check above has')];
  });
}
