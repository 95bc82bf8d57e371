import * as z from 'zod';
import { DAY, formatDuration } from './values/duration.ts';
import {
  duration,
  functionName,
  jmesPath,
  keyAlias,
  name,
  resourceName,
  retention,
  schedule,
  secretName,
  text,
  urlPath,
} from './values/fields.ts';

const MINUTE = 60_000;

function answerTimeout(longest: number) {
  return duration.refine((milliseconds) => milliseconds > 0 && milliseconds <= longest, {
    error: `a duration from 1s to ${formatDuration(longest)}`,
  });
}

const webhook = z.strictObject({
  secret: secretName.describe(
    'Secret with `url` and, where the receiver asks for them, `headers`, as JSON. Present in both Regions: in the standby it names the standby.',
  ),
  certificateAuthority: secretName
    .optional()
    .describe(
      "Secret with the certificate authority of the receiver's certificate, where it is a private one.",
    ),
  timeout: answerTimeout(MINUTE)
    .default(10_000)
    .describe('How long an answer is waited for. A message whose answer did not come may have taken effect.'),
  health: urlPath
    .optional()
    .describe(
      'Path on the same server that answers 200 while the receiver is well. Asked before and during a replay.',
    ),
});

const lambdaFunction = z.strictObject({
  name: functionName.describe('Its name.'),
  timeout: answerTimeout(5 * MINUTE)
    .default(MINUTE)
    .describe("How long its answer is waited for: longer than the function's own timeout."),
});

const target = z.union(
  [
    z.strictObject({ webhook: webhook.describe('Posts each message as SNS does.') }),
    z.strictObject({
      queue: resourceName('queue').describe('Sends to this SQS queue; `.fifo` at its end.'),
    }),
    z.strictObject({ topic: resourceName('topic').describe('Publishes to this SNS topic.') }),
    z.strictObject({ function: lambdaFunction.describe('Calls a Lambda function and waits.') }),
  ],
  { error: 'exactly one of webhook, queue, topic and function' },
);

function onlyParameterIs1(sql: string): boolean {
  const parameters = new Set([...sql.matchAll(/\$(\d+)/g)].map(([, number]) => number));
  return parameters.size === 1 && parameters.has('1');
}

const probe = z.strictObject({
  database: name.describe('The database that is asked.'),
  sql: text('a SQL query')
    .refine(onlyParameterIs1, { error: 'a SQL query with $1 for the key and no other parameter' })
    .describe('Finds a row where the application already has the message; $1 is its key.'),
});

/** How fast, with what is left out filled in. */
export const pace = z
  .strictObject({
    rate: z
      .number()
      .min(1, { error: 'at least 1' })
      .max(5_000, { error: 'at most 5000' })
      .default(200)
      .describe(
        'Deliveries a second, of all workers together. Slower by itself where the target asks for it.',
      ),
    inFlight: z
      .int()
      .min(1, { error: 'at least 1' })
      .max(1_000, { error: 'at most 1000' })
      .default(50)
      .describe('Deliveries at the same time, of all workers together.'),
    workers: z
      .int()
      .min(1, { error: 'at least 1' })
      .max(40, { error: 'at most 40' })
      .default(2)
      .describe('Functions that work at the same time.'),
  })
  .prefault({});

const keys = z
  .array(keyAlias)
  .default([])
  .describe(
    'KMS keys of your own that encrypt the queues and the topic of this entry, by alias. What SQS encrypts by itself needs none.',
  );

/** A dead-letter queue and what becomes of its messages. */
export const queue = z.strictObject({
  deadLetters: resourceName('queue').describe('Name of the dead-letter queue in SQS; `.fifo` at its end.'),
  format: z
    .enum(['sns', 'json', 'any'])
    .default('any')
    .describe(
      'What a body must be: an SNS envelope, JSON, or anything. Another body is quarantined, not sent.',
    ),
  key: jmesPath
    .optional()
    .describe(
      'Finds the idempotency key in a message. Without it: the MessageId of SNS in an envelope, else that of SQS.',
    ),
  maxAge: duration.optional().describe('A message older than this is quarantined, not sent.'),
  filter: jmesPath
    .optional()
    .describe('Only messages for which this is true are replayed; the others stay in the queue.'),
  target: target.describe('Where messages are delivered.'),
  keys,
  probe: probe.optional().describe('Asked before each delivery: what the application has is a duplicate.'),
  pace: pace.describe('How fast.'),
  canary: z
    .int()
    .min(1, { error: 'at least 1' })
    .max(10, { error: 'at most 10' })
    .default(3)
    .describe('So many messages go first, one at a time. If one fails, nothing else is sent.'),
  failureRatio: z
    .number()
    .gt(0, { error: 'more than 0' })
    .max(1, { error: 'at most 1' })
    .default(0.5)
    .describe('A replay stops when more than this part of its recent deliveries has failed.'),
  ledger: duration
    .refine((milliseconds) => milliseconds >= DAY, { error: 'a duration of at least 1d' })
    .default(15 * DAY)
    .describe(
      'How long a delivered message is remembered. Longer than the queue keeps messages, which is 14 days at most: ' +
        'one that comes back later would be delivered again.',
    ),
  quarantine: retention
    .default(90 * DAY)
    .describe('How long a message that cannot be delivered is locked and kept in the vault, at least `1d`.'),
  start: z
    .strictObject({
      depth: z
        .int()
        .min(1, { error: 'at least 1' })
        .describe('So many messages, or more, are visible in the dead-letter queue.'),
      for: duration
        // CloudWatch evaluates one-minute periods over a day at most.
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        .refine((ms) => ms >= MINUTE && ms <= DAY && ms % MINUTE === 0, {
          error: 'a duration of whole minutes, from 1m to 1d',
        })
        .describe('For so long, without a break.'),
    })
    .optional()
    .describe('The alarm that starts a replay.'),
  schedule: schedule.default('on-demand').describe('When a replay is started besides. In UTC.'),
  scenario: text('the name of a scenario').describe(
    'The scenario of objectives.scenarios whose RPO and RTO the measured times are held against.',
  ),
  subscription: z
    .strictObject({
      // https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
      topic: resourceName('topic')
        .refine((topic) => !topic.endsWith('.fifo'), {
          error: 'a standard topic: SNS delivers no FIFO topic to a webhook',
        })
        .describe('The topic that feeds the webhook.'),
    })
    .optional()
    .describe('The HTTPS subscription of the webhook that a replay looks after.'),
});

const into = z.union(
  [
    z.strictObject({ queue: resourceName('queue').describe('Sends to this SQS queue; `.fifo` at its end.') }),
    z.strictObject({
      redisList: z
        .strictObject({
          secret: secretName.describe('Secret with `url`: rediss://user:password@host:port/0'),
          list: text('the name of a list').describe(
            'The list that workers pop from, at its left end (LPOP, BLPOP): messages are pushed at its right one.',
          ),
        })
        .describe('Pushes onto a list of Redis.'),
    }),
  ],
  { error: 'exactly one of queue and redisList' },
);

/** Rows of a restored database that become messages again. */
export const rehydration = z.strictObject({
  database: name.describe('The database that is asked.'),
  sql: text('a SQL query').describe(
    'Answers the columns `key` (what makes the message one of a kind) and `body` (the message), and `group` for a FIFO queue.',
  ),
  into: into.describe('Where the messages go.'),
  keys,
});

export type Queue = z.output<typeof queue>;
export type Target = z.output<typeof target>;
export type Webhook = z.output<typeof webhook>;
export type Probe = z.output<typeof probe>;
export type Rehydration = z.output<typeof rehydration>;
