import * as z from 'zod';
import { queue, rehydration } from './queue-schema.ts';
import { DAY } from './values/duration.ts';
import {
  duration,
  ec2Id,
  name,
  named,
  region,
  retention,
  schedule,
  secretName,
  text,
} from './values/fields.ts';

const MINUTE = 60_000;

const objective = z.strictObject({
  rpo: duration.describe('Recovery point objective: how much of the newest data may be lost. `0s`: none.'),
  rto: duration.describe(
    'Recovery time objective: from the onset of the incident to the first served request.',
  ),
});

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

const backup = z.strictObject({
  method: z
    .enum(['logical', 'schema', 'point-in-time', 'snapshot'])
    .describe(
      'logical: every row, streamed to the vault with a manifest; it restores anywhere. schema: the definitions only. ' +
        "point-in-time: the server's own write-ahead log archive. snapshot: the storage's own copy.",
    ),
  schedule: schedule.describe('When it is taken or, for point-in-time, looked at. In UTC.'),
  retention: retention.describe(
    'How long a recovery point is kept, at least `1d`. Its lock in the vault lasts as long.',
  ),
  rows: z
    .enum(['binary', 'text'])
    .default('binary')
    .describe(
      'logical only: the format of COPY. binary is faster; text restores into another major version of the server.',
    ),
});

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

const check = z.strictObject({
  name: text('a sentence').describe('The fact the check proves, as the report will say it.'),
  sql: text('a SQL query').describe('One read-only query, run in the restored copy.'),
  expect: expectation.describe('What the query must answer: one of equals, atLeast, atMost, noRows.'),
});

const scratch = z.strictObject({
  secret: secretName.describe(
    'Secret with the login to the server that restores go to. Never the secret of the database itself: scratch databases are dropped.',
  ),
  certificateAuthority: secretName.describe(
    "Secret with the certificate authority of the scratch server's TLS certificate.",
  ),
  expires: duration
    .refine((milliseconds) => milliseconds > 0, { error: 'a duration longer than 0s' })
    .describe('Age after which the sweeper drops a scratch database that its own run left behind.'),
});

const restoreTest = z.strictObject({
  backup: text('the name of a logical backup').describe(
    'Which of the logical backups of this database is restored.',
  ),
  schedule: schedule.describe('When the restore is tested. In UTC.'),
  choose: z
    .enum(['newest', 'random'])
    .describe('Which recovery point: the newest, or any that is kept (an old one may have rotted).'),
  scenario: text('the name of a scenario').describe(
    'The scenario of objectives.scenarios whose RPO and RTO the measured times are held against.',
  ),
  freshness: duration.describe(
    'How much older than its recovery point the newest heartbeat in the copy may be. More than heartbeat.every.',
  ),
  scratch: scratch.describe('Where the copy lives, for minutes.'),
  afterRestore: z
    .array(text('a SQL statement'))
    .default([])
    .describe(
      'SQL run in the copy before the checks so that it has no side effects: jobs off, outgoing triggers off.',
    )
    .meta({ examples: [['UPDATE cron.job SET active = false']] }),
  checks: z
    .array(check)
    .describe("The application's own questions to the copy, besides the comparison with the manifest."),
});

const database = z.strictObject({
  engine: z.enum(['postgres']).describe('The database engine.'),
  secret: secretName.describe(
    'Secrets Manager secret with host, port, dbname, username and password, present in both Regions.',
  ),
  certificateAuthority: secretName.describe(
    "Secret with the certificate authority of the server's TLS certificate.",
  ),
  network: network
    .optional()
    .describe('Where the functions run that reach the database. Without it: outside of any VPC.'),
  heartbeat: z
    .strictObject({
      every: duration
        .refine((milliseconds) => milliseconds >= MINUTE && milliseconds % MINUTE === 0, {
          // EventBridge Scheduler: rates in minutes, no schedule more often than each minute.
          error: 'a duration of whole minutes, at least 1m',
        })
        .describe('How often a row with the time is written to the source. Whole minutes.'),
    })
    .describe(
      'The measured loss is the time between the failure and the newest heartbeat that was recovered.',
    ),
  backups: named(backup)
    .refine((backups) => Object.keys(backups).length > 0, { error: 'at least one backup' })
    .describe('The backups, by name.'),
  restoreTest: restoreTest.describe('How it is proven that a backup restores.'),
});

const artifact = z.strictObject({
  schedule: schedule.describe('When it is backed up. In UTC.'),
  retention: retention.describe('How long a copy is kept, at least `1d`.'),
  where: text('where the copies are').describe('Where the copies are, in words or as an address.'),
});

/**
 * The shape of a plan file. It knows one value at a time; what one value says about another is in rules/, so read
 * plans with `parsePlan` or `loadPlan`, which check both.
 */
export const planSchema = z
  .strictObject({
    workload: name.describe('What is protected. Part of the names of the AWS resources.'),
    description: text('a sentence').describe('The workload in one sentence.'),
    regions: z
      .strictObject({
        primary: region.describe('Where the workload runs.'),
        standby: region.describe('Where it is recovered when the primary is lost.'),
      })
      .describe('The two AWS Regions.'),
    objectives: objective
      .extend({
        scenarios: named(objective).describe(
          'Objectives by failure, where they differ from the general ones.',
        ),
      })
      .describe('What the business asks for. Measured in each restore test.'),
    vault: z
      .strictObject({
        lock: z
          .enum(['governance', 'compliance'])
          .describe(
            'S3 Object Lock. governance: s3:BypassGovernanceRetention can still delete. compliance: nobody can, until it expires.',
          ),
        evidenceRetention: retention
          .default(365 * DAY)
          .describe('How long the evidence of each run is locked and kept. A year unless told otherwise.'),
      })
      .describe('Where recovery points are kept.'),
    databases: named(database)
      .refine((databases) => Object.keys(databases).length > 0, { error: 'at least one database' })
      .describe('The databases, by name.'),
    queues: named(queue).default({}).describe('Dead-letter queues whose messages are replayed, by name.'),
    rehydrations: named(rehydration)
      .default({})
      .describe('Queues that are filled again from the database after it was restored, by name.'),
    artifacts: named(artifact).default({}).describe('What is backed up outside of the databases, by name.'),
    notifications: z
      .strictObject({
        email: z
          .array(z.email({ error: 'an e-mail address' }))
          .min(1, { error: 'at least one e-mail address' })
          .describe('Who is told of each verdict.'),
      })
      .describe('Who is told.'),
  })
  .meta({ title: 'Lifeboat recovery plan' })
  .describe('What is protected, how, and how it is proven that it can be recovered.');

/** A plan, checked. Every duration in it is a number of milliseconds. */
export type Plan = z.output<typeof planSchema>;
export type Objective = z.output<typeof objective>;
export type Database = z.output<typeof database>;
export type Network = z.output<typeof network>;
export type Backup = z.output<typeof backup>;
export type BackupMethod = Backup['method'];
export type RestoreTest = z.output<typeof restoreTest>;
export type Scratch = z.output<typeof scratch>;
export type Check = z.output<typeof check>;
export type Expectation = z.output<typeof expectation>;
export type Artifact = z.output<typeof artifact>;
