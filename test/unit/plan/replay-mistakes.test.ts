import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { databaseOf, NotInPlan, rehydrationOf, replayOf } from '../../../shared/plan/lookup.ts';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN, planWith } from './plan-text.ts';

const QUEUE = 'the name of an SQS queue (letters, digits, hyphens and underscores), not an ARN or address';
const TOPIC = 'the name of an SNS topic (letters, digits, hyphens and underscores), not an ARN or address';
const SECRET =
  'the name of a Secrets Manager secret (letters, digits and /_+=.@-), not an ARN, never the secret itself, found a text that is not shown, as it may be a secret';
const ONE_PARAMETER = 'a SQL query with $1 for the key and no other parameter';
const ONE_TARGET = 'exactly one of webhook, queue, topic and function';

/** The standard queue, with another target and without what belongs to a webhook alone. */
const WEBHOOK = PLAN.slice(PLAN.indexOf('    target:\n'), PLAN.indexOf('    alreadyApplied:\n'));
const SUBSCRIPTION = '    subscription:\n      topic: payments\n';
const withTarget = (target: string) =>
  planWith(WEBHOOK, `    target: ${target}\n`, planWith(SUBSCRIPTION, ''));

describe('one mistake in what is said of a replay', () => {
  it.each([
    // Names
    [
      'deadLetters: payments-dlq',
      'deadLetters: arn:aws:sqs:us-east-1:1:x',
      `64:18 replays.payments.deadLetters: expected ${QUEUE}, found "arn:aws:sqs:us-east-1:1:x"`,
    ],
    [
      'deadLetters: payments-dlq',
      `deadLetters: ${'q'.repeat(81)}`,
      `64:18 replays.payments.deadLetters: expected ${QUEUE}, found a text of 81 characters`,
    ],
    [
      'topic: payments',
      'topic: a b',
      `92:14 replays.payments.subscription.topic: expected ${TOPIC}, found "a b"`,
    ],
    [
      'topic: payments',
      'topic: payments.fifo',
      '92:14 replays.payments.subscription.topic: expected a standard topic: SNS delivers no FIFO topic to a webhook, found "payments.fifo"',
    ],
    ...['lock', 'start'].map((taken): [string, string, string] => [
      '  mails:',
      `  ${taken}:`,
      `93:3 replays.${taken}: expected another name than lock and start, which the ledger uses itself, found "${taken}"`,
    ]),
    ['  mails:', '  Mails:', /^93:3 replays.Mails: expected a name of at most 31 .* found "Mails"$/],
    ...['arn:aws:kms:us-east-1:111122223333:key/1', 'alias/aws/sqs', 'mail'].map(
      (key): [string, string, RegExp] => [
        'key: message.paymentId',
        `keys: [${key}]`,
        /^66:12 replays.payments.keys\[0\]: expected the alias of a KMS key, such as alias\/queues/,
      ],
    ),
    // Expressions
    [
      'key: message.paymentId',
      'key: message.',
      '66:10 replays.payments.key: expected a JMESPath expression (reading stops at column 9), found "message."',
    ],
    [
      'filter: message.amount > `0`',
      'filter: a ||| b',
      '68:13 replays.payments.filter: expected a JMESPath expression (reading stops at column 5), found "a ||| b"',
    ],
    // Numbers and durations
    ['rate: 100', 'rate: 0.5', '79:13 replays.payments.pace.rate: expected at least 1, found 0.5'],
    ['rate: 100', 'rate: fast', '79:13 replays.payments.pace.rate: expected a number, found "fast"'],
    ['canary: 2', 'canary: 0', '82:13 replays.payments.canary: expected at least 1, found 0'],
    [
      'failureRatio: 0.2',
      'failureRatio: 0',
      '83:19 replays.payments.failureRatio: expected more than 0, found 0',
    ],
    [
      'ledger: 20d',
      'ledger: 23h',
      '84:13 replays.payments.ledger: expected a duration of at least 1d, found "23h"',
    ],
    [
      'quarantine: 30d',
      'quarantine: 12h',
      '85:17 replays.payments.quarantine: expected a retention from 1d to 36500d, found "12h"',
    ],
    [
      'timeout: 5s',
      'timeout: 2m',
      '73:18 replays.payments.target.webhook.timeout: expected a duration from 1s to 1m, found "2m"',
    ],
    ['depth: 10', 'depth: 0', '87:14 replays.payments.start.depth: expected at least 1, found 0'],
    [
      'for: 5m',
      'for: 90s',
      '88:12 replays.payments.start.for: expected a duration of whole minutes, from 1m to 1d, found "90s"',
    ],
    [
      'for: 5m',
      'for: 2d',
      '88:12 replays.payments.start.for: expected a duration of whole minutes, from 1m to 1d, found "2d"',
    ],
    [
      'health: /health',
      'health: health',
      '74:17 replays.payments.target.webhook.health: expected a path that starts with a slash, such as /health, found "health"',
    ],
    // Keys, also those inside of an alternative and of what has defaults
    [
      'timeout: 5s',
      'timeuot: 5s',
      '73:9 replays.payments.target.webhook: unknown key "timeuot"; did you mean "timeout"?',
    ],
    [
      'workers: 4',
      'threads: 4',
      '81:7 replays.payments.pace: unknown key "threads", expected one of rate, inFlight, workers',
    ],
    [
      '        secret: shop/redis\n',
      '',
      /^106:7 rehydrations.carts.into.redisList.secret: missing, expected the name of a Secrets Manager secret/,
    ],
    // Alternatives
    ['{ queue: mails.fifo }', '{}', `95:13 replays.mails.target: expected ${ONE_TARGET}, found a map`],
    [
      '{ queue: mails.fifo }',
      '{ queue: mails.fifo, topic: mails.fifo }',
      `95:13 replays.mails.target: expected ${ONE_TARGET}, found a map`,
    ],
    [
      '{ queue: mails.fifo }',
      '{ function: { name: a.fifo } }',
      /^95:33 replays.mails.target.function.name: expected the name of a Lambda function .* found "a.fifo"$/,
    ],
    [
      'into: { queue: jobs }',
      'into: { list: jobs }',
      '101:13 rehydrations.jobs.into: unknown key "list", expected one of queue, redisList',
    ],
    // SQL
    [
      'id = $1',
      "id = 'x'",
      /^77:12 replays.payments.alreadyApplied.sql: expected .* found "SELECT 1 FROM payments WHERE id = 'x'"$/,
    ],
    ['id = $1', 'id = $1 OR id = $2', /^77:12 .*\$1 for the key and no other parameter, found /],
    [
      'id = $1',
      'id = $10',
      `77:12 replays.payments.alreadyApplied.sql: expected ${ONE_PARAMETER}, found "SELECT 1 FROM payments WHERE id = $10"`,
    ],
    // References
    [
      'alreadyApplied:\n      database: main',
      'alreadyApplied:\n      database: mai',
      '76:17 replays.payments.alreadyApplied.database: expected a database of this plan (main), found "mai"; did you mean "main"?',
    ],
    [
      'jobs:\n    database: main',
      'jobs:\n    database: jobs',
      '99:15 rehydrations.jobs.database: expected a database of this plan (main), found "jobs"',
    ],
    [
      'scenario: corruption\n    subscription',
      'scenario: outage\n    subscription',
      '90:15 replays.payments.scenario: expected a scenario of objectives.scenarios (corruption), found "outage"',
    ],
    [
      'deadLetters: mails-dlq.fifo',
      'deadLetters: payments-dlq',
      [
        '94:18 replays.mails.deadLetters: expected a dead-letter queue that no replay above names, found "payments-dlq"',
        '95:22 replays.mails.target.queue: expected a standard queue, as the dead-letter queue is one: its messages have no group, found "mails.fifo"',
      ],
    ],
    [
      '{ queue: mails.fifo }',
      '{ queue: mails-dlq.fifo }',
      '95:22 replays.mails.target.queue: expected a queue that is no dead-letter queue of this plan, found "mails-dlq.fifo"',
    ],
    [
      '{ queue: mails.fifo }',
      '{ queue: payments-dlq }',
      '95:22 replays.mails.target.queue: expected a queue that is no dead-letter queue of this plan, found "payments-dlq"',
    ],
    [
      'into: { queue: jobs }',
      'into: { queue: payments-dlq }',
      '101:20 rehydrations.jobs.into.queue: expected a queue that is no dead-letter queue of this plan, found "payments-dlq"',
    ],
    [
      'workers: 4',
      'workers: 21',
      [
        '81:16 replays.payments.pace.workers: expected at most pace.inFlight, which is 20, found 21',
        '81:16 replays.payments.pace.workers: expected at most databases.main.postgres.connections, which is 20: each worker asks the database, found 21',
      ],
    ],
    [
      'rate: 100',
      'rate: 3',
      '81:16 replays.payments.pace.workers: expected at most pace.rate, which is 3, found 4',
    ],
    [
      '      inFlight: 20\n      workers: 4\n',
      '      inFlight: 1\n',
      '78:5 replays.payments.pace.workers: expected at most pace.inFlight, which is 1, found 2',
    ],
    // Secrets
    [
      'secret: shop/redis',
      'secret: rediss://a:b@c',
      `107:17 rehydrations.carts.into.redisList.secret: expected ${SECRET}`,
    ],
    [
      'secret: shop/webhook',
      'secret: "https://x"',
      `71:17 replays.payments.target.webhook.secret: expected ${SECRET}`,
    ],
  ])('replacing %j by %j is reported at its line and column', (passage, replacement, expected) => {
    const mistakes = mistakesIn(planWith(passage, replacement));
    if (expected instanceof RegExp)
      expect(mistakes).toEqual([expect.stringMatching(new RegExp(expected.source.replace('^', '^x.yml:')))]);
    else expect(mistakes).toEqual([expected].flat().map((mistake) => `x.yml:${mistake}`));
  });
});

describe('the target of a replay', () => {
  it.each(['{ queue: payments }', '{ topic: payments }', '{ function: { name: take-payment } }'])(
    'may be %s',
    (target) => expect(mistakesIn(withTarget(target))).toEqual([]),
  );

  it.each(['queue', 'topic'])('is no FIFO %s where messages have no group', (kind) => {
    expect(mistakesIn(withTarget(`{ ${kind}: payments.fifo }`))).toEqual([
      `x.yml:69:22 replays.payments.target.${kind}: expected a standard ${kind}, as the dead-letter queue is one: its messages have no group, found "payments.fifo"`,
    ]);
  });

  it('has a subscription only where it is a webhook', () => {
    expect(mistakesIn(planWith(WEBHOOK, '    target: { topic: payments }\n'))).toEqual([
      'x.yml:87:7 replays.payments.subscription: expected subscription only where the target is a webhook, found a map',
    ]);
  });

  it('may be a standard queue that takes the messages of a FIFO queue', () => {
    expect(mistakesIn(planWith('{ queue: mails.fifo }', '{ queue: mails }'))).toEqual([]);
  });
});

describe('what is left out of a replay', () => {
  const plan = parsePlan(PLAN, 'x.yml');

  it('is filled in', () => {
    expect(replayOf(plan, 'mails')).toEqual({
      deadLetters: 'mails-dlq.fifo',
      target: { queue: 'mails.fifo' },
      keys: [],
      scenario: 'corruption',
      format: 'any',
      pace: { rate: 200, inFlight: 50, workers: 2 },
      canary: 3,
      failureRatio: 0.5,
      ledger: 1_296_000_000,
      quarantine: 7_776_000_000,
      schedule: 'on-demand',
    });
  });

  it('is a timeout of ten seconds of a webhook', () => {
    const queue = replayOf(parsePlan(planWith('        timeout: 5s\n', ''), 'x.yml'), 'payments');
    expect(queue.target).toMatchObject({ webhook: { timeout: 10_000 } });
  });
});

describe('an entry that is looked up by name', () => {
  const plan = parsePlan(PLAN, 'x.yml');

  it('is the one of the plan', () => {
    expect(replayOf(plan, 'payments').deadLetters).toBe('payments-dlq');
    expect(rehydrationOf(plan, 'jobs').into).toEqual({ queue: 'jobs' });
  });

  it.each([
    ['replay', () => replayOf(plan, 'payment'), 'the plan has no replay "payment"; it has: payments, mails'],
    [
      'replay',
      () => replayOf(plan, 'constructor'),
      'the plan has no replay "constructor"; it has: payments, mails',
    ],
    ['rehydration', () => rehydrationOf(plan, 'x'), 'the plan has no rehydration "x"; it has: jobs, carts'],
    ['database', () => databaseOf(plan, 'x'), 'the plan has no database "x"; it has: main'],
    ['replay', () => replayOf({ ...plan, replays: {} }, 'x'), 'the plan has no replay "x", nor any other'],
  ])('is no %s that is not there, and those that are there are listed', (_, look, message) => {
    expect(look).toThrow(NotInPlan);
    expect(look).toThrow(message);
  });
});
