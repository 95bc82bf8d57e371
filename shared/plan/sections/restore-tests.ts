import * as z from 'zod';
import { duration, schedule, secretName, text } from '../values/fields.ts';
import { scenario } from './objectives.ts';

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
    .refine((age) => age > 0, { error: 'a duration longer than 0s' })
    .describe('Age after which the sweeper drops a scratch database that its own run left behind.'),
});

export const restoreTest = z.strictObject({
  backup: text('the name of a logical backup').describe(
    'Which of the logical backups of this database is restored.',
  ),
  schedule: schedule.describe('When the restore is tested. In UTC.'),
  choose: z
    .enum(['newest', 'random'])
    .describe('Which recovery point: the newest, or any that is kept (an old one may have rotted).'),
  scenario,
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

export type RestoreTest = z.output<typeof restoreTest>;
export type Scratch = z.output<typeof scratch>;
export type Check = z.output<typeof check>;
export type Expectation = z.output<typeof expectation>;
