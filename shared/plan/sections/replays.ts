import * as z from 'zod';
import { show } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { DAY, formatDuration, MINUTE, milliseconds } from '../values/duration.ts';
import {
  duration,
  functionName,
  jmesPath,
  keyAliases,
  name,
  named,
  resourceName,
  retention,
  schedule,
  secretKeys,
  secretName,
  text,
  urlPath,
} from '../values/fields.ts';
import { oneOfNames, type Violation, wrong } from '../violation.ts';
import type { Databases } from './databases.ts';
import { type Objectives, scenario, scenarioExists } from './objectives.ts';

function answerTimeout(longest: number) {
  return duration.refine((timeout) => timeout > 0 && timeout <= longest, {
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
  keys: secretKeys,
  timeout: answerTimeout(MINUTE)
    .default(milliseconds(10_000))
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

const as = z
  .enum(['body', 'payload', 'sqs-event', 'sns-event'], {
    error: 'body, payload, sqs-event or sns-event',
  })
  .optional()
  .describe(
    'The shape in which the target first got the message: the body of the dead letter; the payload inside what AWS put around it (a ' +
      'destination or dead-letter queue of Lambda, EventBridge, Scheduler, SNS); or, of a function, an event of SQS or SNS. Without it: ' +
      'the body, and for a function what the message itself proves.',
  );

const sources = z
  .union(
    [
      z.literal('any'),
      z.record(
        z.string().min(1),
        z.strictObject({ target: target.describe('Where the messages of this source are delivered.'), as }),
      ),
    ],
    { error: '`any`, or a target for each source by its name' },
  )
  .optional()
  .describe(
    'Where several queues or functions share the dead-letter queue: a target for each by its name, or as `queue:NAME` and ' +
      '`function:NAME` where two have one name (`target` above is for all others). Or `any`, if one target takes them all. Without it a replay of messages of several sources is refused.',
  );

function onlyParameterIs1(sql: string): boolean {
  const parameters = new Set([...sql.matchAll(/\$(\d+)/g)].map(([, number]) => number));
  return parameters.size === 1 && parameters.has('1');
}

const alreadyApplied = z.strictObject({
  database: name.describe('The database that is asked.'),
  sql: text('a SQL query')
    .refine(onlyParameterIs1, { error: 'a SQL query with $1 for the key and no other parameter' })
    .describe('Finds a row where the application already has the message; $1 is its key.'),
});

/** The pace, with defaults for missing fields. */
const pace = z
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

/** A dead-letter queue and where its messages go. */
export const replay = z.strictObject({
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
  as,
  payload: jmesPath
    .optional()
    .describe(
      'Finds the payload in a wrapper that no service of AWS makes: text, or anything that becomes JSON. The target is given that.',
    ),
  sources,
  keys: keyAliases,
  alreadyApplied: alreadyApplied
    .optional()
    .describe('Asked before each delivery: a message that the application already has is a duplicate.'),
  pace: pace.describe('How fast.'),
  canary: z
    .int()
    .min(1, { error: 'at least 1' })
    .max(10, { error: 'at most 10' })
    .default(3)
    .describe(
      'So many messages go first, one at a time. If one fails, another goes instead; if three different ones fail, nothing else is sent.',
    ),
  failureRatio: z
    .number()
    .gt(0, { error: 'more than 0' })
    .max(1, { error: 'at most 1' })
    .default(0.5)
    .describe('A replay stops when more than this part of its recent deliveries has failed.'),
  ledger: duration
    .refine((kept) => kept >= DAY, { error: 'a duration of at least 1d' })
    .default(milliseconds(15 * DAY))
    .describe(
      'How long a delivered message is remembered. Longer than the queue keeps messages, which is 14 days at most: ' +
        'one that comes back later would be delivered again.',
    ),
  quarantine: retention
    .default(milliseconds(90 * DAY))
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
        .refine((length) => length >= MINUTE && length <= DAY && length % MINUTE === 0, {
          error: 'a duration of whole minutes, from 1m to 1d',
        })
        .describe('For so long, without a break.'),
    })
    .optional()
    .describe('The alarm that starts a replay.'),
  schedule: schedule.default('on-demand').describe('When a replay is started besides. In UTC.'),
  scenario,
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

export const replays = named(replay)
  .default({})
  .describe('Dead-letter queues whose messages are replayed, by name.');

export type Replays = z.output<typeof replays>;
export type Replay = z.output<typeof replay>;
export type Target = z.output<typeof target>;
export type As = NonNullable<z.output<typeof as>>;
export type Webhook = z.output<typeof webhook>;

type ReplayParts = Parts<Replay>;

/** Conflicts between the replays of a plan, or between a replay and the rest of the plan. */
export function replayRules({
  replays = {},
  databases = {},
  objectives,
}: Parts<{ replays: Replays; databases: Databases; objectives: Objectives }>): Violation[] {
  const deadLetters = deadLetterQueues(replays);
  return Object.entries(replays).flatMap(([name, replay = {}], index) => {
    const path = ['replays', name];
    const asked = replay.alreadyApplied?.database;
    return [
      ...nameFreeInLedger(path, name),
      ...deadLettersOfOneReplay(path, deadLetters, index),
      ...oneOfNames([...path, 'alreadyApplied', 'database'], 'a database of this plan', asked, databases),
      ...scenarioExists([...path, 'scenario'], replay.scenario, objectives),
      ...routesOf(path, replay).flatMap((route) => [
        ...noDeadLetterQueue([...route.path, 'target', 'queue'], targetName(route, 'queue'), replays),
        ...groupsThatExist(route, replay.deadLetters),
        ...shapeOfTarget(route),
      ]),
      ...subscriptionOfWebhook(path, replay),
      ...workForEachWorker(path, replay),
      ...connectionForEachWorker(path, replay, databases),
    ];
  });
}

/** The ledger keeps the keys of a replay under its name, and its own records under these names. */
const TAKEN_IN_LEDGER = ['lock', 'start'];

function nameFreeInLedger(path: string[], name: string): Violation[] {
  if (!TAKEN_IN_LEDGER.includes(name)) return [];
  const expected = `another name than ${TAKEN_IN_LEDGER.join(' and ')}, which the ledger uses itself`;
  return [{ kind: 'wrong name', path, expected, found: show(name) }];
}

function deadLetterQueues(replays: Parts<Replays>): (string | undefined)[] {
  return Object.values(replays).map((replay) => replay?.deadLetters);
}

/** Two replays of one queue would take each other's messages, and each would miss messages in its account. */
function deadLettersOfOneReplay(
  path: string[],
  deadLetters: readonly (string | undefined)[],
  index: number,
): Violation[] {
  const name = deadLetters[index];
  if (name === undefined || deadLetters.indexOf(name) === index) return [];
  return [wrong([...path, 'deadLetters'], 'a dead-letter queue that no replay above names')];
}

/** A message sent to a dead-letter queue of the plan would be replayed on arrival, in an endless loop. */
export function noDeadLetterQueue(
  path: string[],
  queue: string | undefined,
  replays: Parts<Replays>,
): Violation[] {
  if (queue === undefined || !deadLetterQueues(replays).includes(queue)) return [];
  return [wrong(path, 'a queue that is no dead-letter queue of this plan')];
}

/** A target of a replay, with the shape in which it is given messages. */
interface Route extends Pick<ReplayParts, 'target' | 'as'> {
  readonly path: string[];
}

function routesOf(path: string[], { target, as, sources }: ReplayParts): Route[] {
  const ofSources =
    typeof sources === 'object'
      ? Object.entries(sources).map(([name, source]) => ({ ...source, path: [...path, 'sources', name] }))
      : [];
  return [{ path, target, as }, ...ofSources];
}

/** Only a function is called with events. A function takes no body alone: Lambda's own event is meant. */
function shapeOfTarget({ path, target, as }: Route): Violation[] {
  if (target === undefined || as === undefined || as === 'payload') return [];
  const isFunction = 'function' in target;
  if (as === 'body')
    return isFunction
      ? [wrong([...path, 'as'], 'payload, sqs-event or sns-event, as the target is a function')]
      : [];
  return isFunction ? [] : [wrong([...path, 'as'], 'body or payload, as the target is no function')];
}

function targetName({ target }: Pick<ReplayParts, 'target'>, kind: 'queue' | 'topic'): string | undefined {
  if (target === undefined) return undefined;
  if (kind === 'queue') return 'queue' in target ? target.queue : undefined;
  return 'topic' in target ? target.topic : undefined;
}

/**
 * Messages of a standard queue may lack a group, and FIFO queues and topics require one.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html
 */
function groupsThatExist({ path, ...route }: Route, deadLetters: string | undefined): Violation[] {
  if (deadLetters === undefined || deadLetters.endsWith('.fifo')) return [];
  return (['queue', 'topic'] as const)
    .filter((kind) => targetName(route, kind)?.endsWith('.fifo'))
    .map((kind) =>
      wrong(
        [...path, 'target', kind],
        `a standard ${kind}, as the dead-letter queue is one: its messages have no group`,
      ),
    );
}

function subscriptionOfWebhook(path: string[], { target, subscription }: ReplayParts): Violation[] {
  if (target === undefined || subscription === undefined || 'webhook' in target) return [];
  return [wrong([...path, 'subscription'], 'subscription only where the target is a webhook')];
}

/** Each worker asks over at least one connection of its own. */
function connectionForEachWorker(
  path: string[],
  { pace, alreadyApplied }: ReplayParts,
  databases: Parts<Databases>,
): Violation[] {
  const workers = pace?.workers;
  const asked = alreadyApplied?.database;
  const connections = asked === undefined ? undefined : databases[asked]?.postgres?.connections;
  if (workers === undefined || connections === undefined || workers <= connections) return [];
  const expected = `at most databases.${asked}.postgres.connections, which is ${connections}: each worker asks the database`;
  return [{ ...wrong([...path, 'pace', 'workers'], expected), found: show(workers) }];
}

/** The pace covers all workers together; each worker gets a share of it. */
function workForEachWorker(path: string[], { pace }: ReplayParts): Violation[] {
  const { rate, inFlight, workers } = pace ?? {};
  if (rate === undefined || inFlight === undefined || workers === undefined) return [];
  const place = [...path, 'pace', 'workers'];
  return [
    ...(workers > inFlight
      ? [{ ...wrong(place, `at most pace.inFlight, which is ${inFlight}`), found: show(workers) }]
      : []),
    ...(workers > rate
      ? [{ ...wrong(place, `at most pace.rate, which is ${rate}`), found: show(workers) }]
      : []),
  ];
}
