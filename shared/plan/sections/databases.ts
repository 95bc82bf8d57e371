import * as z from 'zod';
import type { Parts } from '../parts.ts';
import { MINUTE } from '../values/duration.ts';
import { duration, named, rdsIdentifier, secretKeys, secretName } from '../values/fields.ts';
import type { Violation } from '../violation.ts';
import { backups, rdsRules } from './backups.ts';
import { lease } from './lease.ts';
import { network } from './network.ts';

const postgres = z.strictObject({
  secret: secretName.describe(
    'Secrets Manager secret with host, port, dbname, username and password, present in both Regions.',
  ),
  certificateAuthority: secretName.describe(
    "Secret with the certificate authority of the server's TLS certificate.",
  ),
  keys: secretKeys,
  connections: z
    .int({ error: 'a whole number' })
    .min(1, { error: 'at least 1' })
    .max(1_000, { error: 'at most 1000' })
    .default(20)
    .describe(
      'How many connections Lifeboat opens at the same time at most for one piece of work: a copy, or the questions of all workers of a replay.',
    ),
  network: network
    .optional()
    .describe('Where the functions run that reach the database. Without it: outside of any VPC.'),
});

// A second engine would make this a union by the engine's key, like the target of a replay.
const database = z.strictObject({
  postgres: postgres.describe('A PostgreSQL server.'),
  rds: z
    .strictObject({
      instance: rdsIdentifier('an RDS instance')
        .optional()
        .describe('The identifier of an RDS instance in the primary Region.'),
      cluster: rdsIdentifier('an Aurora cluster')
        .optional()
        .describe('The identifier of an Aurora cluster in the primary Region, in place of an instance.'),
      replica: rdsIdentifier('a read replica')
        .optional()
        .describe(
          'The identifier of a read replica of the instance in the standby Region. Lifeboat measures there what its promotion would lose.',
        ),
    })
    .refine(({ cluster, replica }) => cluster === undefined || replica === undefined, {
      path: ['replica'],
      error: 'no replica beside a cluster: it is for an instance',
    })
    .refine(({ instance, cluster }) => (instance === undefined) !== (cluster === undefined), {
      error: 'exactly one of instance and cluster',
    })
    .optional()
    .describe(
      'The RDS instance or the Aurora cluster that the server is. Needed where Lifeboat takes snapshots of it, or looks after the automated backups of an instance.',
    ),
  heartbeat: z
    .strictObject({
      every: duration
        .refine((interval) => interval >= MINUTE && interval % MINUTE === 0, {
          // EventBridge Scheduler: rates are in minutes, and no schedule runs more than once a minute.
          error: 'a duration of whole minutes, at least 1m',
        })
        .describe('How often a row with the time is written to the source. Whole minutes.'),
    })
    .describe(
      'The measured loss is the time between the failure and the newest heartbeat that was recovered.',
    ),
  lease: lease.optional(),
  backups,
});

export const databases = named(database)
  .refine((databases) => Object.keys(databases).length > 0, { error: 'at least one database' })
  .describe('The databases, by name.');

export type Databases = z.output<typeof databases>;
export type Database = z.output<typeof database>;

/** Each backup fits its database. */
export function databaseRules({ databases = {} }: Parts<{ databases: Databases }>): Violation[] {
  return Object.entries(databases).flatMap(([name, database]) =>
    Object.entries(database?.backups ?? {}).flatMap(([backup, planned]) =>
      rdsRules(['databases', name, 'backups', backup], planned, database?.rds),
    ),
  );
}
