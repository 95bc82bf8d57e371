import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { databaseOf, NotInPlan, queueOf, rehydrationOf } from '../../../shared/plan/lookup.ts';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN, planWith } from './plan-text.ts';

const QUEUE = 'the name of an SQS queue (letters, digits, hyphens and underscores), not an ARN or address';
const TOPIC = 'the name of an SNS topic (letters, digits, hyphens and underscores), not an ARN or address';
const SECRET =
  'the name of a Secrets Manager secret (letters, digits and /_+=.@-), not an ARN, never the secret itself, found a text that is not shown, as it may be a secret';
const ONE_PARAMETER = 'a SQL query with $1 for the key and no other parameter';
const ONE_TARGET = 'exactly one of webhook, queue, topic and function';

/** The standard queue, with another target and without what belongs to a webhook alone. */
const WEBHOOK = PLAN.slice(PLAN.indexOf('    target:\n'), PLAN.indexOf('    probe:\n'));
const SUBSCRIPTION = '    subscription:\n      topic: payments\n';
const withTarget = (target: string) =>
  planWith(WEBHOOK, `    target: ${target}\n`, planWith(SUBSCRIPTION, ''));

describe('one mistake in what is said of a queue', () => {
  it.each([
    // Names
    [
      'deadLetters: payments-dlq',
      'deadLetters: arn:aws:sqs:us-east-1:1:x',
      `58:18 queues.payments.deadLetters: expected ${QUEUE}, found "arn:aws:sqs:us-east-1:1:x"`,
    ],
    [
      'deadLetters: payments-dlq',
      `deadLetters: ${'q'.repeat(81)}`,
      `58:18 queues.payments.deadLetters: expected ${QUEUE}, found a text of 81 characters`,
    ],
    [
      'topic: payments',
      'topic: a b',
      `86:14 queues.payments.subscription.topic: expected ${TOPIC}, found "a b"`,
    ],
    [
      'topic: payments',
      'topic: payments.fifo',
      '86:14 queues.payments.subscription.topic: expected a standard topic: SNS delivers no FIFO topic to a webhook, found "payments.fifo"',
    ],
    ...['lock', 'start'].map((taken): [string, string, string] => [
      '  mails:',
      `  ${taken}:`,
      `87:3 queues.${taken}: expected another name than lock and start, which the ledger keeps for itself, found "${taken}"`,
    ]),
    ['  mails:', '  Mails:', /^87:3 queues.Mails: expected a name of at most 31 .* found "Mails"$/],
    ...['arn:aws:kms:us-east-1:111122223333:key/1', 'alias/aws/sqs', 'mail'].map(
      (key): [string, string, RegExp] => [
        'key: message.paymentId',
        `keys: [${key}]`,
        /^60:12 queues.payments.keys\[0\]: expected the alias of a KMS key, such as alias\/queues/,
      ],
    ),
    // Expressions
    [
      'key: message.paymentId',
      'key: message.',
      '60:10 queues.payments.key: expected a JMESPath expression (reading stops at column 9), found "message."',
    ],
    [
      'filter: message.amount > `0`',
      'filter: a ||| b',
      '62:13 queues.payments.filter: expected a JMESPath expression (reading stops at column 5), found "a ||| b"',
    ],
    // Numbers and durations
    ['rate: 100', 'rate: 0.5', '73:13 queues.payments.pace.rate: expected at least 1, found 0.5'],
    ['rate: 100', 'rate: fast', '73:13 queues.payments.pace.rate: expected a number, found "fast"'],
    ['canary: 2', 'canary: 0', '76:13 queues.payments.canary: expected at least 1, found 0'],
    [
      'failureRatio: 0.2',
      'failureRatio: 0',
      '77:19 queues.payments.failureRatio: expected more than 0, found 0',
    ],
    [
      'ledger: 20d',
      'ledger: 23h',
      '78:13 queues.payments.ledger: expected a duration of at least 1d, found "23h"',
    ],
    [
      'quarantine: 30d',
      'quarantine: 12h',
      '79:17 queues.payments.quarantine: expected a retention from 1d to 36500d, found "12h"',
    ],
    [
      'timeout: 5s',
      'timeout: 2m',
      '67:18 queues.payments.target.webhook.timeout: expected a duration from 1s to 1m, found "2m"',
    ],
    ['depth: 10', 'depth: 0', '81:14 queues.payments.start.depth: expected at least 1, found 0'],
    [
      'for: 5m',
      'for: 90s',
      '82:12 queues.payments.start.for: expected a duration of whole minutes, from 1m to 1d, found "90s"',
    ],
    [
      'for: 5m',
      'for: 2d',
      '82:12 queues.payments.start.for: expected a duration of whole minutes, from 1m to 1d, found "2d"',
    ],
    [
      'health: /health',
      'health: health',
      '68:17 queues.payments.target.webhook.health: expected a path that starts with a slash, such as /health, found "health"',
    ],
    // Keys, also those inside of an alternative and of what has defaults
    [
      'timeout: 5s',
      'timeuot: 5s',
      '67:9 queues.payments.target.webhook: unknown key "timeuot"; did you mean "timeout"?',
    ],
    [
      'workers: 4',
      'threads: 4',
      '75:7 queues.payments.pace: unknown key "threads", expected one of rate, inFlight, workers',
    ],
    [
      '        secret: shop/redis\n',
      '',
      /^100:7 rehydrations.carts.into.redisList.secret: missing, expected the name of a Secrets Manager secret/,
    ],
    // Alternatives
    ['{ queue: mails.fifo }', '{}', `89:13 queues.mails.target: expected ${ONE_TARGET}, found a map`],
    [
      '{ queue: mails.fifo }',
      '{ queue: mails.fifo, topic: mails.fifo }',
      `89:13 queues.mails.target: expected ${ONE_TARGET}, found a map`,
    ],
    [
      '{ queue: mails.fifo }',
      '{ function: { name: a.fifo } }',
      /^89:33 queues.mails.target.function.name: expected the name of a Lambda function .* found "a.fifo"$/,
    ],
    [
      'into: { queue: jobs }',
      'into: { list: jobs }',
      '95:13 rehydrations.jobs.into: unknown key "list", expected one of queue, redisList',
    ],
    // SQL
    [
      'id = $1',
      "id = 'x'",
      /^71:12 queues.payments.probe.sql: expected .* found "SELECT 1 FROM payments WHERE id = 'x'"$/,
    ],
    ['id = $1', 'id = $1 OR id = $2', /^71:12 .*\$1 for the key and no other parameter, found /],
    [
      'id = $1',
      'id = $10',
      `71:12 queues.payments.probe.sql: expected ${ONE_PARAMETER}, found "SELECT 1 FROM payments WHERE id = $10"`,
    ],
    // References
    [
      'probe:\n      database: main',
      'probe:\n      database: mai',
      '70:17 queues.payments.probe.database: expected a database of this plan (main), found "mai"; did you mean "main"?',
    ],
    [
      'jobs:\n    database: main',
      'jobs:\n    database: jobs',
      '93:15 rehydrations.jobs.database: expected a database of this plan (main), found "jobs"',
    ],
    [
      'scenario: corruption\n    subscription',
      'scenario: outage\n    subscription',
      '84:15 queues.payments.scenario: expected a scenario of objectives.scenarios (corruption), found "outage"',
    ],
    [
      'deadLetters: mails-dlq.fifo',
      'deadLetters: payments-dlq',
      [
        '88:18 queues.mails.deadLetters: expected a dead-letter queue that no queue above names, found "payments-dlq"',
        '89:22 queues.mails.target.queue: expected a standard queue, as the dead-letter queue is one: its messages have no group, found "mails.fifo"',
      ],
    ],
    [
      '{ queue: mails.fifo }',
      '{ queue: mails-dlq.fifo }',
      '89:22 queues.mails.target.queue: expected a queue that is no dead-letter queue of this plan, found "mails-dlq.fifo"',
    ],
    [
      '{ queue: mails.fifo }',
      '{ queue: payments-dlq }',
      '89:22 queues.mails.target.queue: expected a queue that is no dead-letter queue of this plan, found "payments-dlq"',
    ],
    [
      'into: { queue: jobs }',
      'into: { queue: payments-dlq }',
      '95:20 rehydrations.jobs.into.queue: expected a queue that is no dead-letter queue of this plan, found "payments-dlq"',
    ],
    [
      'workers: 4',
      'workers: 21',
      '75:16 queues.payments.pace.workers: expected at most pace.inFlight, which is 20, found 21',
    ],
    [
      'rate: 100',
      'rate: 3',
      '75:16 queues.payments.pace.workers: expected at most pace.rate, which is 3, found 4',
    ],
    [
      '      inFlight: 20\n      workers: 4\n',
      '      inFlight: 1\n',
      '72:5 queues.payments.pace.workers: expected at most pace.inFlight, which is 1, found 2',
    ],
    // Secrets
    [
      'secret: shop/redis',
      'secret: rediss://a:b@c',
      `101:17 rehydrations.carts.into.redisList.secret: expected ${SECRET}`,
    ],
    [
      'secret: shop/webhook',
      'secret: "https://x"',
      `65:17 queues.payments.target.webhook.secret: expected ${SECRET}`,
    ],
  ])('replacing %j by %j is reported at its line and column', (passage, replacement, expected) => {
    const mistakes = mistakesIn(planWith(passage, replacement));
    if (expected instanceof RegExp)
      expect(mistakes).toEqual([expect.stringMatching(new RegExp(expected.source.replace('^', '^x.yml:')))]);
    else expect(mistakes).toEqual([expected].flat().map((mistake) => `x.yml:${mistake}`));
  });
});

describe('the target of a queue', () => {
  it.each(['{ queue: payments }', '{ topic: payments }', '{ function: { name: take-payment } }'])(
    'may be %s',
    (target) => expect(mistakesIn(withTarget(target))).toEqual([]),
  );

  it.each(['queue', 'topic'])('is no FIFO %s where messages have no group', (kind) => {
    expect(mistakesIn(withTarget(`{ ${kind}: payments.fifo }`))).toEqual([
      `x.yml:63:22 queues.payments.target.${kind}: expected a standard ${kind}, as the dead-letter queue is one: its messages have no group, found "payments.fifo"`,
    ]);
  });

  it('has a subscription only where it is a webhook', () => {
    expect(mistakesIn(planWith(WEBHOOK, '    target: { topic: payments }\n'))).toEqual([
      'x.yml:81:7 queues.payments.subscription: expected subscription only where the target is a webhook, found a map',
    ]);
  });

  it('may be a standard queue that takes the messages of a FIFO queue', () => {
    expect(mistakesIn(planWith('{ queue: mails.fifo }', '{ queue: mails }'))).toEqual([]);
  });
});

describe('what is left out of a queue', () => {
  const plan = parsePlan(PLAN, 'x.yml');

  it('is filled in', () => {
    expect(queueOf(plan, 'mails')).toEqual({
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
    const queue = queueOf(parsePlan(planWith('        timeout: 5s\n', ''), 'x.yml'), 'payments');
    expect(queue.target).toMatchObject({ webhook: { timeout: 10_000 } });
  });
});

describe('an entry that is looked up by name', () => {
  const plan = parsePlan(PLAN, 'x.yml');

  it('is the one of the plan', () => {
    expect(queueOf(plan, 'payments').deadLetters).toBe('payments-dlq');
    expect(rehydrationOf(plan, 'jobs').into).toEqual({ queue: 'jobs' });
  });

  it.each([
    ['queue', () => queueOf(plan, 'payment'), 'the plan has no queue "payment"; it has: payments, mails'],
    [
      'queue',
      () => queueOf(plan, 'constructor'),
      'the plan has no queue "constructor"; it has: payments, mails',
    ],
    ['rehydration', () => rehydrationOf(plan, 'x'), 'the plan has no rehydration "x"; it has: jobs, carts'],
    ['database', () => databaseOf(plan, 'x'), 'the plan has no database "x"; it has: main'],
    ['queue', () => queueOf({ ...plan, queues: {} }, 'x'), 'the plan has no queue "x", nor any other'],
  ])('is no %s that is not there, and those that are there are listed', (_, look, message) => {
    expect(look).toThrow(NotInPlan);
    expect(look).toThrow(message);
  });
});
