import { describe, expect, test } from 'vitest';
import { assess, input as assessedRound } from '../../functions/replay/assess-round.ts';
import type { handler as drainQueue } from '../../functions/replay/drain-queue.ts';
import type { handler as ensureSubscription } from '../../functions/replay/ensure-subscription.ts';
import type { handler as inspectQueue } from '../../functions/replay/inspect-queue.ts';
import type { handler as settleAccount } from '../../functions/replay/settle-account.ts';
import { parseDuration } from '../../shared/plan/values/duration.ts';
import { type Account, EMPTY_ACCOUNT } from '../../shared/replay/account/account.ts';
import { concludeReplay, type ReplayEnd } from '../../shared/replay/account/conclude.ts';
import { workerInEvidence } from '../../shared/replay/round/assess-round.ts';
import { leaseOf } from '../../shared/replay/worker/worker-shares.ts';
import type { RunReport } from '../../shared/run/record-run.ts';
import type { TaskScript } from '../simulator/script.ts';
import {
  fail,
  lambdaReturns,
  lambdaThrows,
  ok,
  type Run,
  type TaskCall,
  type TaskResult,
} from '../simulator/simulate.ts';
import { closed, describeRunKeeping, opened, recorded } from './describe-run-keeping.ts';
import { type Answer, arnOf } from './functions.ts';
import {
  type Answers,
  argumentsOf,
  caughtFrom,
  causeOf,
  executionArn,
  failsWithoutCause,
  failures,
  machineUnderTest,
  payloadsOf,
  startedAt,
  transient,
} from './machine-under-test.ts';

const machine = machineUnderTest('replay');
const { walk } = machine;

type Worker = Answer<typeof drainQueue>;
type Share = Answer<typeof inspectQueue>['shares'][number];

const input = { queue: 'webhook-events', startedBy: 'alarm on webhook-events' };
const shares: Share[] = [
  { rate: 100, inFlight: 25 },
  { rate: 100, inFlight: 25 },
];
const inspected: Answer<typeof inspectQueue> = {
  startedAt: '2026-03-01T03:00:01.000Z',
  finishedAt: '2026-03-01T03:00:03.000Z',
  visible: 1_204,
  inFlight: 0,
  delayed: 0,
  read: 10,
  wouldBe: { deliver: 8, duplicate: 2 },
  oldest: '2026-02-28T22:10:00.000Z',
  summary: '1,204 messages in the queue and 0 hidden, 10 read: 8 deliver, 2 duplicate',
  dryRun: false,
  subscription: false,
  shares,
  leaseSeconds: 30,
  deadline: '',
};
const subscribed: Answer<typeof ensureSubscription> = {
  startedAt: '2026-03-01T03:00:04.000Z',
  finishedAt: '2026-03-01T03:00:05.000Z',
  endpoint: 'https://mailblast.example.com/api/webhooks/sns',
  found: 'missing',
  done: 'subscribed',
  now: 'confirmed',
  subscriptionArn: 'arn:aws:sns:eu-west-1:123456789012:events:1',
  attributes: null,
  differences: [],
  words: 'it was missing, and is confirmed now',
  confirmed: null,
};

/** What a worker answers that delivered so many, each at the first attempt. */
function worker(ended: Worker['ended'], delivered: number, more: Partial<Worker> = {}): Worker {
  return {
    startedAt: '2026-03-01T03:00:06.000Z',
    finishedAt: '2026-03-01T03:01:06.000Z',
    ended,
    reason: REASONS[ended],
    lastFailure: null,
    account: accountOf({ received: delivered, delivered, attempts: delivered }),
    settled: delivered,
    retryable: 0,
    ...more,
  };
}

const REASONS = {
  empty: 'the queue has no more',
  count: 'it took as many as it was asked for, 10',
  time: 'its time was over',
  stopped: 'a failover of this workload runs (failover-1); replay after it',
};

const accountOf = (known: Partial<Account>): Account => ({ ...EMPTY_ACCOUNT, ...known });

/** A worker that failed to deliver some, which went back. */
const failing = (ended: Worker['ended'], delivered: number, returned: number): Worker =>
  worker(ended, delivered, {
    lastFailure: 'mailblast.example.com answered 503',
    account: accountOf({
      received: delivered + returned,
      delivered,
      returned,
      attempts: delivered + 5 * returned,
      reasons: { failed: returned },
    }),
    retryable: returned,
  });

const canaryLives = worker('count', 3, { reason: 'the first 3 were accepted' });
const account: Pick<
  Answer<typeof settleAccount>,
  'account' | 'addsUp' | 'words' | 'workers' | 'died' | 'left'
> = {
  account: accountOf({ received: 1_204, delivered: 1_004, duplicates: 200, attempts: 1_004 }),
  addsUp: true,
  words: 'received 1204 = delivered 1004 + duplicates 200 + quarantined 0 + returned 0',
  workers: 3,
  died: 0,
  left: 0,
};
const missing: typeof account = {
  ...account,
  addsUp: false,
  words: 'the account does not add up: 2 messages are missing from it (nightly-1/1/0/r-1)',
};

/** What settle-account answers to a replay that ended so. */
function settled(
  end: ReplayEnd = { outcome: 'replayed', reason: 'the queue has no more' },
  found = account,
): Answer<typeof settleAccount> {
  return {
    startedAt: '2026-03-01T03:01:07.000Z',
    finishedAt: '2026-03-01T03:01:08.000Z',
    ...found,
    ...concludeReplay(end, found, found.left),
  };
}

/** The account is settled like this, with the last word that settle-account has on any end. */
const settling =
  (found = account): TaskScript =>
  ({ arguments: sent }) => {
    const { outcome, reason } = (sent as unknown as { Payload: ReplayEnd }).Payload;
    return lambdaReturns(settled({ outcome, reason }, found));
  };

/** Every round is assessed as assess-round does it, at the moment of the call. */
const assessing =
  (startTime = startedAt): TaskScript =>
  ({ arguments: sent, at }) => {
    const round = assessedRound.parse((sent as { Payload: unknown }).Payload);
    return lambdaReturns(assess(round, new Date(Date.parse(startTime) + at * 1_000)));
  };
const assessed: Answers = { 'Assess the round': assessing() };

/** What the workers of each round answer, in the order of their shares. */
const rounds =
  (...answers: (Worker | TaskResult)[][]): TaskScript =>
  ({ arguments: sent }) => {
    const { round, worker: index } = (sent as { Payload: { round: number; worker: string } }).Payload;
    const answer = answers[round - 1]?.[Number(index)];
    if (!answer) throw new Error(`nobody said what worker ${index} of round ${round} answers`);
    return 'kind' in answer ? answer : lambdaReturns(answer);
  };
const emptied = [worker('empty', 600), worker('empty', 601)];
const died = lambdaThrows('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited');

const begun: Answers = { ...opened, 'Inspect the queue': lambdaReturns(inspected) };
const held: Answers = { 'Lock the queue': () => ok() };
const unlocked: Answers = { 'Settle the account': settling(), 'Unlock the queue': ok() };
const work: Answers = {
  'Inspect the queue': lambdaReturns(inspected),
  ...held,
  'Send the canary': lambdaReturns(canaryLives),
  ...assessed,
  'Drain a share': rounds(emptied),
  ...unlocked,
};

const drained = {
  startedAt,
  finishedAt: startedAt,
  rounds: 1,
  workers: emptied.map(workerInEvidence),
};
const steps = { inspect: inspected, canary: canaryLives, drain: drained, account: settled() };
const replayed: RunReport = {
  machine: 'replay',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('replay'),
  startedBy: 'alarm on webhook-events',
  subject: 'webhook-events',
  outcome: 'replayed',
  reason: 'the queue has no more',
  failure: null,
  facts: {},
  steps,
};

const ofRun = { runId: 'nightly-1', runStartedAt: startedAt, queue: 'webhook-events' };
const emptyQueue = { outcome: 'replayed', reason: 'the queue has no more' } as const;
const ofWorker = { ...ofRun, options: {}, deadline: '' };
const key = { key: { S: 'lock#replay#webhook-events' } };

/** What the run was recorded as. */
const reportOf = (run: Run) => payloadsOf(run, 'Record the run')[0] as RunReport;

/** The inspection ends like this; nothing follows but the record. */
const inspects = (...answers: TaskResult[]) =>
  walk(input, { ...opened, 'Inspect the queue': answers, ...closed });
/** The canary ends like this, and nothing else is sent. */
const endsWithCanary = (
  answers: TaskResult | TaskResult[],
  seen: Partial<typeof inspected> = {},
  options = {},
) =>
  walk(
    { ...input, options },
    {
      ...opened,
      'Inspect the queue': lambdaReturns({ ...inspected, ...seen }),
      ...held,
      'Send the canary': answers,
      // One that failed, or never answered, is not assessed.
      ...('kind' in answers && answers.kind === 'ok' && answers.after <= 930 ? assessed : {}),
      ...unlocked,
      ...closed,
    },
  );
/** The rounds go like this; what is around them goes well. */
const drains = (
  script: TaskScript,
  seen: Partial<typeof inspected> = {},
  { canary = canaryLives, options = {} }: { canary?: Worker; options?: object } = {},
) =>
  walk(
    { ...input, options },
    {
      ...opened,
      'Inspect the queue': lambdaReturns({ ...inspected, ...seen }),
      ...held,
      'Send the canary': lambdaReturns(canary),
      'Drain a share': script,
      ...assessed,
      ...unlocked,
      ...closed,
    },
  );
/** All goes well until the account is settled. */
const settles = (answers: TaskScript) =>
  walk(input, { ...opened, ...work, 'Settle the account': answers, ...closed });

describeRunKeeping(machine, {
  name: 'replay',
  input,
  work,
  report: replayed,
  terminal: 'Replayed',
  unopened: 'not-proven',
  called: 'REPLAY',
});

describe('a replay', () => {
  test('that empties the queue, and whose account adds up, has replayed it', async () => {
    const run = await walk(input, { ...opened, ...work, ...closed });
    const invoke = (name: string, Payload: object) => ({ FunctionName: arnOf(name), Payload });
    const hold = {
      TableName: 'ledger',
      Item: {
        ...key,
        owner: { S: 'nightly-1' },
        until: { N: String(Date.parse(startedAt) + 40 * 60_000) },
        expiration: { N: String(Date.parse(startedAt) / 1000 + 86_400) },
      },
      ConditionExpression: 'attribute_not_exists(#key) OR #owner = :run OR #until < :now',
      ExpressionAttributeNames: { '#key': 'key', '#owner': 'owner', '#until': 'until' },
      ExpressionAttributeValues: { ':run': { S: 'nightly-1' }, ':now': { N: String(Date.parse(startedAt)) } },
    };
    const called = run.calls.slice(1, -2).map(({ state, arguments: sent }) => [state, sent]);
    const sentTo = (index: number) =>
      invoke('DrainQueue', {
        ...ofWorker,
        round: 1,
        worker: String(index),
        share: shares[index],
        canary: false,
      });
    const inOrder = (list: typeof called) => list.toSorted(([a], [b]) => String(a).localeCompare(String(b)));
    expect(called.filter(([state]) => state !== 'Drain a share' && state !== 'Assess the round')).toEqual([
      ['Inspect the queue', invoke('InspectQueue', { ...ofRun, options: {} })],
      ['Lock the queue', hold],
      [
        'Send the canary',
        invoke('DrainQueue', { ...ofWorker, round: 0, worker: 'canary', share: shares[0], canary: true }),
      ],
      ['Lock the queue', hold],
      ['Settle the account', invoke('SettleAccount', { ...ofRun, ...emptyQueue })],
      [
        'Unlock the queue',
        {
          TableName: 'ledger',
          Key: key,
          ConditionExpression: '#owner = :run',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':run': { S: 'nightly-1' } },
        },
      ],
    ]);
    expect(inOrder(called.filter(([state]) => state === 'Drain a share'))).toEqual(
      expect.arrayContaining([0, 1].map((index) => ['Drain a share', sentTo(index)])),
    );
    const ofRound = { ...ofRun, options: {}, deadline: '', drainStartedAt: startedAt, shares, fruitless: 0 };
    expect(argumentsOf(run, 'Assess the round')).toEqual([
      invoke('AssessRound', { ...ofRound, round: 0, workers: [canaryLives] }),
      invoke('AssessRound', { ...ofRound, round: 1, workers: emptied }),
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([replayed]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      terminal: 'Replayed',
      output: {
        runId: 'nightly-1',
        outcome: 'replayed',
        reason: 'the queue has no more',
        evidence: recorded.evidence,
      },
    });
  });

  test('hands what it was asked for to the inspection and to every worker', async () => {
    const options = { filter: "body.type == 'Bounce'", rate: 10, minutes: 30 };
    const run = await drains(rounds(emptied), {}, { options });
    const asked = ['Inspect the queue', 'Send the canary', 'Drain a share'].flatMap((state) =>
      payloadsOf(run, state).map((payload) => (payload as { options: object }).options),
    );
    expect(asked).toEqual([options, options, options, options]);
  });

  test.each([
    ['with its scenario', { failedAt: '2026-03-01T02:58:00.000Z', scenario: 'webhook-failure' }],
    ['without a scenario', { failedAt: '2026-03-01T02:58:00.000Z' }],
  ])('that answers an incident reports it, %s', async (_, incident) => {
    const run = await walk({ ...input, incident }, { ...opened, ...work, ...closed });
    expect(reportOf(run).facts).toEqual({ incident });
  });

  test('whose incident was at no time that can be read does nothing: it could not be recorded at its end', async () => {
    const run = await walk(
      { ...input, incident: { failedAt: 'an hour ago' } },
      { ...opened, 'Announce that recording failed': ok() },
    );
    expect(run).toMatchObject({ status: 'FAILED', error: 'RunNotRecorded' });
    expect(run.cause).toContain('nothing was done');
  });

  test('that was stopped and cannot be recorded is announced as stopped', async () => {
    const run = await walk(input, {
      ...begun,
      ...held,
      'Send the canary': lambdaReturns(worker('stopped', 0)),
      ...assessed,
      ...unlocked,
      'Record the run': fail('AccessDenied', 'no'),
      'Announce that recording failed': ok(),
    });
    expect(run).toMatchObject({
      error: 'RunNotRecorded',
      cause: `The run ended as stopped (${REASONS.stopped}) and could not be recorded: AccessDenied: no`,
    });
  });
});

describe('inspecting the queue', () => {
  test('is all that a dry run does, and it does not end as one that replayed', async () => {
    const dry = { ...inspected, dryRun: true };
    const run = await walk(
      { ...input, options: { dryRun: true } },
      { ...opened, 'Inspect the queue': lambdaReturns(dry), ...closed },
    );
    expect(run.visited).toEqual([
      'Start or continue',
      'Open the run',
      'Inspect the queue',
      'Dry run or replay',
      'Record the run',
      'Announce the outcome',
      'Did the run succeed',
      'DryRunDone',
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      { ...replayed, outcome: 'dry-run', reason: dry.summary, steps: { inspect: dry } },
    ]);
    expect(run.status).toBe('SUCCEEDED');
  });

  test('is followed by the replay where a dry run is refused', async () => {
    const run = await drains(rounds(emptied), {}, { options: { dryRun: false } });
    expect(run.terminal).toBe('Replayed');
  });

  test('of a queue that is missing proves nothing, and holds nothing', async () => {
    const gone = lambdaThrows('QueueMissing', 'there is no queue mailblast-dlq in eu-west-1');
    const run = await inspects(gone);
    expect(run.visited).not.toContain('Lock the queue');
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...replayed,
        outcome: 'not-proven',
        reason: 'the queue was not inspected: QueueMissing',
        failure: caughtFrom(gone),
        steps: {},
      },
    ]);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'ReplayNotProven',
      cause: `the queue was not inspected: QueueMissing: ${causeOf(gone)}`,
    });
  });

  test('in vain of a dry run does not end as a dry run', async () => {
    const run = await walk(
      { ...input, options: { dryRun: true } },
      { ...opened, 'Inspect the queue': lambdaThrows('FilterFails', 'at 3: …'), ...closed },
    );
    expect(reportOf(run).outcome).toBe('not-proven');
    expect(run.terminal).toBe('ReplayNotProven');
  });

  test.each([...transient.lambda, ...transient.ledger, ...transient.secret])(
    'goes on after %s',
    async (error) => {
      const run = await walk(input, {
        ...opened,
        ...work,
        'Inspect the queue': [fail(error), lambdaReturns(inspected)],
        ...closed,
      });
      expect(run.terminal).toBe('Replayed');
    },
  );

  test('is given up after three retries', async () => {
    const run = await inspects(...failures(4, fail('Lambda.ServiceException')));
    expect(run.cause).toBe('the queue was not inspected: Lambda.ServiceException: no cause was given');
  });

  test('that never answers is given up', async () => {
    const run = await inspects(lambdaReturns(inspected, { after: 931 }));
    expect(run).toMatchObject({ terminal: 'ReplayNotProven', elapsedSeconds: 930 });
  });
});

describe('holding the queue', () => {
  const conditionFailed = fail('DynamoDB.ConditionalCheckFailedException', 'The conditional request failed');

  test('that another replay holds stops this one, which sends nothing and lets the other hold it', async () => {
    const run = await walk(input, {
      ...begun,
      'Lock the queue': conditionFailed,
      'Settle the account': settling({ ...account, account: EMPTY_ACCOUNT, workers: 0, left: 1_204 }),
      'Unlock the queue': conditionFailed,
      ...closed,
    });
    expect(run.visited).not.toContain('Send the canary');
    expect(reportOf(run)).toMatchObject({
      outcome: 'stopped',
      reason:
        'another replay holds this queue: wait for its end, or stop it and take it up again under its run id; left in the queue, hidden ones too: about 1204',
      facts: {},
    });
    expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: reportOf(run).reason });
  });

  test('that another replay took in the meantime stops this one after its round, with its account', async () => {
    const run = await walk(input, {
      ...begun,
      'Lock the queue': [ok(), ok(), conditionFailed],
      'Send the canary': lambdaReturns(canaryLives),
      ...assessed,
      'Drain a share': rounds([worker('time', 400), worker('time', 400)]),
      'Settle the account': settling(),
      'Unlock the queue': conditionFailed,
      ...closed,
    });
    expect(reportOf(run)).toMatchObject({
      outcome: 'stopped',
      steps: { account: { account: account.account } },
    });
  });

  test('in vain proves nothing', async () => {
    const denied = fail('DynamoDB.AccessDeniedException', 'not authorized');
    const run = await walk(input, { ...begun, 'Lock the queue': denied, ...unlocked, ...closed });
    expect(run.visited).not.toContain('Send the canary');
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: 'the queue could not be locked: DynamoDB.AccessDeniedException',
      failure: caughtFrom(denied),
    });
    expect(run.terminal).toBe('ReplayNotProven');
  });

  test.each(transient.dynamodb)('goes on after %s', async (error) => {
    const run = await walk(input, {
      ...opened,
      ...work,
      'Lock the queue': [fail(error), ok(), ok()],
      ...closed,
    });
    expect(run.terminal).toBe('Replayed');
  });

  test('is given up after five retries', async () => {
    const throttled = failures(6, fail('DynamoDB.ThrottlingException', 'Rate exceeded'));
    const run = await walk(input, { ...begun, 'Lock the queue': throttled, ...unlocked, ...closed });
    expect(run.cause).toBe('the queue could not be locked: DynamoDB.ThrottlingException: Rate exceeded');
  });

  test('is done anew before each round, and lasts until the next at the slowest target', async () => {
    const lease = leaseOf({ function: { name: 'slow', timeout: parseDuration('5m') } }) / 1_000;
    const run = await walk(input, {
      ...opened,
      'Inspect the queue': lambdaReturns({ ...inspected, subscription: true, leaseSeconds: lease }),
      ...held,
      'Ensure the subscription': lambdaReturns(subscribed, { after: 119 }),
      'Send the canary': lambdaReturns(canaryLives, { after: 929 }),
      ...assessed,
      'Drain a share': rounds(
        [
          lambdaThrows('OutOfMemory', '', { after: 929 }),
          lambdaReturns(worker('empty', 600), { after: 929 }),
        ],
        emptied,
      ),
      ...unlocked,
      ...closed,
    });
    const start = Date.parse(startedAt);
    const holds = run.calls
      .filter(({ state }) => state === 'Lock the queue')
      .map(({ at, arguments: sent }) => ({
        at: start + at * 1_000,
        until: Number((sent as { Item: { until: { N: string } } }).Item.until.N),
      }));
    expect(holds.map(({ at }) => (at - start) / 1_000)).toEqual([0, 119 + 929, 119 + 929 + 929 + lease]);
    for (const [index, { until }] of holds.slice(0, -1).entries())
      expect(until).toBeGreaterThan(holds[index + 1]?.at ?? Number.POSITIVE_INFINITY);
  });
});

describe('looking after the subscription', () => {
  const seen = lambdaReturns({ ...inspected, subscription: true });
  const ends = (...answers: TaskResult[]) =>
    walk(input, {
      ...opened,
      ...work,
      'Inspect the queue': seen,
      'Ensure the subscription': answers,
      ...closed,
    });

  test('comes before the canary where the plan has one, and is reported', async () => {
    const run = await ends(lambdaReturns(subscribed));
    expect(payloadsOf(run, 'Ensure the subscription')).toEqual([ofRun]);
    expect(run.visited.indexOf('Ensure the subscription')).toBeLessThan(
      run.visited.indexOf('Send the canary'),
    );
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      steps: { inspect: { visible: 1_204 }, subscription: subscribed, account: settled() },
    });
  });

  test('is done once, however many rounds follow', async () => {
    const run = await walk(input, {
      ...opened,
      ...work,
      'Inspect the queue': seen,
      'Ensure the subscription': lambdaReturns(subscribed),
      'Drain a share': rounds([worker('time', 5), worker('empty', 5)], emptied),
      ...closed,
    });
    expect(payloadsOf(run, 'Ensure the subscription')).toHaveLength(1);
  });

  test('in vain is no reason not to replay, but shows', async () => {
    const denied = lambdaThrows('AuthorizationErrorException', 'sns:Subscribe is not allowed');
    const run = await ends(denied);
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      failure: null,
      steps: {
        inspect: { visible: 1_204 },
        subscription: { failure: caughtFrom(denied) },
      },
    });
    expect(run.terminal).toBe('Replayed');
  });

  test.each([...transient.lambda, ...transient.secret])('goes on after %s', async (error) => {
    const run = await ends(fail(error), lambdaReturns(subscribed));
    expect(reportOf(run).steps.subscription).toEqual(subscribed);
  });

  test('is given up after three retries', async () => {
    const run = await ends(...failures(4, failsWithoutCause('Lambda.ServiceException')));
    expect(reportOf(run).steps.subscription).toEqual({
      failure: { error: 'Lambda.ServiceException', cause: null },
    });
  });
});

describe('the canary', () => {
  test('that empties the queue is the whole replay', async () => {
    const empty = worker('empty', 2);
    const run = await endsWithCanary(lambdaReturns(empty));
    expect(run.visited).not.toContain('Drain the queue');
    expect(payloadsOf(run, 'Record the run')).toEqual([
      { ...replayed, steps: { inspect: inspected, canary: empty, account: settled() } },
    ]);
    expect(run.terminal).toBe('Replayed');
  });

  test('that stops is followed by nothing', async () => {
    const reason = 'the canary failed: mailblast.example.com answered 503';
    const run = await endsWithCanary(lambdaReturns(worker('stopped', 0, { reason })));
    expect(run.visited).not.toContain('Drain the queue');
    expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason });
    expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: reason });
  });

  test('that dies proves nothing, and what it did is in the account', async () => {
    const run = await endsWithCanary(died);
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: 'the canary did not come to its end: Runtime.ExitError',
      failure: caughtFrom(died),
      steps: { inspect: inspected, account: { account: account.account } },
    });
    expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayNotProven' });
  });

  test('whose run was given so little time has taken it all', async () => {
    const deadline = '2026-03-01T03:00:30.000Z';
    const run = await endsWithCanary(lambdaReturns(worker('time', 1), { after: 30 }), { deadline });
    expect(payloadsOf(run, 'Send the canary')).toMatchObject([{ deadline }]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      reason: 'its time was over',
    });
  });

  test('that delivered some in the time of its function is enough to go on', async () => {
    const run = await drains(rounds(emptied), {}, { canary: worker('time', 2) });
    expect(run.terminal).toBe('Replayed');
  });

  test('that found nothing to deliver in the time of its function is not, and is no replay either', async () => {
    const passedOver = worker('time', 0, {
      account: accountOf({ received: 20_000, returned: 20_000, reasons: { filtered: 20_000 } }),
    });
    const run = await endsWithCanary(lambdaReturns(passedOver), {
      deadline: '2026-03-01T05:00:00.000Z',
    });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'ReplayStopped',
      cause:
        'the canary found nothing to deliver in its time: ask for what is nearer to the front of the queue',
    });
  });

  test('that took as many as the whole replay was asked for is the replay', async () => {
    const run = await endsWithCanary(
      lambdaReturns(canaryLives),
      { shares: [{ rate: 200, inFlight: 50, max: 3 }] },
      { max: 3 },
    );
    expect(run.visited).not.toContain('Drain the queue');
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      reason: 'it took as many as it was asked for, 3',
    });
  });

  test.each([...transient.lambda, ...transient.database])('goes on after %s', async (error) => {
    const run = await walk(input, {
      ...opened,
      ...work,
      'Send the canary': [fail(error), lambdaReturns(canaryLives)],
      ...closed,
    });
    const [first, second] = argumentsOf(run, 'Send the canary');
    expect(second).toEqual(first);
    expect(run.terminal).toBe('Replayed');
  });

  test('is given up after three retries', async () => {
    const run = await endsWithCanary(failures(4, fail('Lambda.ServiceException')));
    expect(run.cause).toBe('the canary did not come to its end: Lambda.ServiceException: no cause was given');
  });

  test('that never answers is given up', async () => {
    const run = await endsWithCanary(lambdaReturns(canaryLives, { after: 931 }));
    expect(run).toMatchObject({ terminal: 'ReplayNotProven', elapsedSeconds: 930 });
  });
});

describe('draining', () => {
  test('goes on in rounds while time ends them, and reports the last', async () => {
    const lastRound = [worker('empty', 3), worker('empty', 4)];
    const run = await drains(
      rounds(
        [worker('time', 500), worker('time', 501)],
        [worker('time', 500), worker('empty', 90)],
        lastRound,
      ),
    );
    const sent = payloadsOf(run, 'Drain a share') as { round: number; worker: string }[];
    expect(sent.map(({ round, worker }) => `${round}/${worker}`).toSorted()).toEqual([
      '1/0',
      '1/1',
      '2/0',
      '2/1',
      '3/0',
      '3/1',
    ]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      steps: {
        drain: { rounds: 3, workers: lastRound.map(workerInEvidence) },
      },
    });
  });

  test('by one worker reports that one as a list of one', async () => {
    const alone = worker('empty', 7);
    const share = { rate: 200, inFlight: 50 };
    const run = await drains(rounds([alone]), { shares: [share] });
    expect(reportOf(run).steps.drain).toMatchObject({ workers: [workerInEvidence(alone)] });
  });

  test('is done by all workers at the same time, forty of them, and keeps what they say within the limits', async () => {
    const longest = '\u2028'.repeat(500);
    const wordy = worker('empty', 1, { reason: longest, lastFailure: longest });
    const run = await drains(() => lambdaReturns(wordy, { after: 60 }), {
      shares: Array.from({ length: 40 }, () => ({ rate: 5, inFlight: 1 })),
    });
    expect(run).toMatchObject({ terminal: 'Replayed', elapsedSeconds: 60 });
    const [first] = (reportOf(run).steps.drain as { workers: { reason: string; lastFailure: string }[] })
      .workers;
    expect(first).toMatchObject({ reason: longest.slice(0, 200), lastFailure: longest.slice(0, 200) });
  });

  test('keeps what forty dead workers say within the limits', async () => {
    const run = await drains(() => lambdaThrows('Broken', '🌊'.repeat(7_000)), {
      shares: Array.from({ length: 40 }, () => ({ rate: 5, inFlight: 1 })),
    });
    expect(run.cause).toMatch(
      /^workers died, and three rounds in a row took nothing out of the queue: Broken: (?:🌊)+…$/u,
    );
  });

  test('that one worker stopped is stopped, whatever the others say', async () => {
    const run = await drains(rounds([died, worker('time', 500), worker('stopped', 12), worker('empty', 0)]), {
      shares: [...shares, ...shares],
    });
    expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason: REASONS.stopped });
    expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: REASONS.stopped });
  });

  test('whose time was over is a replay of as much as there was time for', async () => {
    const deadline = '2026-03-01T03:10:00.000Z';
    const run = await drains(
      rounds([
        lambdaReturns(worker('time', 400), { after: 600 }),
        lambdaReturns(worker('time', 400), { after: 600 }),
      ]),
      { deadline },
    );
    expect(payloadsOf(run, 'Drain a share')).toMatchObject([{ deadline }, { deadline }]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      reason: 'its time was over',
    });
  });

  test('goes on before the time is over', async () => {
    const run = await drains(rounds([worker('time', 400), worker('time', 400)], emptied), {
      deadline: '2026-03-01T03:10:00.000Z',
    });
    expect(reportOf(run).reason).toBe('the queue has no more');
  });

  test('that fails as a whole proves nothing', async () => {
    const run = await walk(continued({ shares: 'none' }), { ...held, ...unlocked, ...closed });
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: 'the queue was not drained: States.QueryEvaluationError',
    });
    expect(run.terminal).toBe('ReplayNotProven');
  });

  describe('by a worker that dies', () => {
    test('waits until its lease has ended, and takes up in another round what it held', async () => {
      const run = await drains(rounds([died, worker('empty', 500)], emptied));
      expect(run.visited.filter((state) => /^(?:Worker|Wait|Drain the|Assess)/.test(state))).toEqual([
        'Assess the round',
        'Drain the queue',
        'Worker died',
        'Assess the round',
        'Wait for expired leases',
        'Drain the queue',
        'Assess the round',
      ]);
      expect(run.elapsedSeconds).toBe(inspected.leaseSeconds);
      expect(reportOf(run)).toMatchObject({ outcome: 'replayed', failure: null });
    });

    test('is reported as dead, with its words', async () => {
      const late = lambdaReturns(worker('empty', 500), { after: 60 });
      const run = await drains(rounds([died, late]), { deadline: '2026-03-01T03:01:00.000Z' });
      expect(reportOf(run).steps.drain).toMatchObject({
        workers: [
          {
            ended: 'died',
            reason: 'Runtime.ExitError: RequestId: 1 Error: Runtime exited',
            lastFailure: null,
            settled: 0,
            retryable: 0,
          },
          { ended: 'empty' },
        ],
      });
    });

    test('three rounds in a row while nothing leaves the queue proves nothing', async () => {
      const run = await drains(
        rounds(
          [died, worker('empty', 500)],
          [died, worker('empty', 0)],
          [died, worker('time', 0)],
          [worker('empty', 0), died],
        ),
      );
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason:
          'workers died, and three rounds in a row took nothing out of the queue: Runtime.ExitError: RequestId: 1 Error: Runtime exited',
        steps: { drain: { rounds: 4 } },
      });
      expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayNotProven' });
    });

    test('is no end while others take messages out of the queue', async () => {
      const halfDead = [died, worker('empty', 1)];
      const run = await drains(rounds(halfDead, halfDead, halfDead, halfDead, emptied));
      expect(run.terminal).toBe('Replayed');
    });

    test.each([...transient.lambda, ...transient.database])('starts it again after %s', async (error) => {
      const run = await drains(({ attempt }) =>
        attempt === 1 ? fail(error) : lambdaReturns(worker('empty', 5)),
      );
      expect(run.visited).not.toContain('Wait for expired leases');
      expect(reportOf(run).outcome).toBe('replayed');
    });

    test('gives it up after three retries', async () => {
      const run = await drains(({ arguments: sent, attempt }) => {
        const { round } = (sent as { Payload: { round: number } }).Payload;
        return round === 1 && attempt <= 4
          ? failsWithoutCause('Lambda.ServiceException')
          : lambdaReturns(worker('empty', 5));
      });
      expect(payloadsOf(run, 'Drain a share')).toHaveLength(2 * 4 + 2);
      expect(run.visited).toContain('Wait for expired leases');
    });

    test('after its time counts as dead', async () => {
      const run = await drains(
        rounds([lambdaReturns(worker('empty', 5), { after: 931 }), worker('empty', 5)], emptied),
      );
      expect(run.elapsedSeconds).toBe(930 + inspected.leaseSeconds);
    });
  });

  describe('that leaves messages which failed', () => {
    test('takes them up in another round while messages leave the queue', async () => {
      const run = await drains(
        rounds(
          [failing('empty', 900, 8), worker('empty', 30)],
          [failing('empty', 5, 0), failing('empty', 0, 1)],
          [worker('empty', 3), worker('empty', 0)],
        ),
      );
      expect(reportOf(run)).toMatchObject({ outcome: 'replayed', steps: { drain: { rounds: 3 } } });
    });

    test('stops when a round takes nothing out of the queue any more: they are not replayed', async () => {
      const run = await drains(
        rounds([failing('empty', 900, 5), worker('empty', 30)], [worker('empty', 0), failing('empty', 0, 1)]),
      );
      const reason =
        'the last round took nothing out of the queue; messages that went back to it: 1; the last failure: mailblast.example.com answered 503';
      expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason });
      expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: reason });
    });

    test('stops after three rounds that time ended and that took nothing out of the queue', async () => {
      const slow = [failing('time', 0, 3), worker('empty', 0)];
      const run = await drains(rounds([failing('time', 1, 3), worker('empty', 0)], slow, slow, slow));
      const reason =
        'three rounds in a row took nothing out of the queue, and did not come to its end; the last failure: mailblast.example.com answered 503';
      expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason, steps: { drain: { rounds: 4 } } });
    });
  });

  describe('of so many messages', () => {
    const of = (max: number): Share => ({ rate: 100, inFlight: 25, max });
    const took = (received: number, more: Partial<Worker> = {}) => ({
      ...worker('count', received),
      ...more,
    });
    const sharesOf = (run: Run, round: number) =>
      (payloadsOf(run, 'Drain a share') as { round: number; share: Share }[])
        .filter((sent) => sent.round === round)
        .map(({ share }) => share.max)
        .toSorted();

    test('ends when all are taken, those of the canary among them', async () => {
      const run = await drains(
        rounds([took(97), took(100)]),
        { shares: [of(100), of(100)] },
        { options: { max: 200 } },
      );
      expect(sharesOf(run, 1)).toEqual([100, 97]);
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        reason: 'it took as many as it was asked for, 200',
      });
    });

    test('goes on for the last one', async () => {
      const run = await drains(rounds([took(1)]), { shares: [of(4)] }, { options: { max: 4 } });
      expect(sharesOf(run, 1)).toEqual([1]);
      const again = await drains(
        rounds([worker('time', 96), took(100)], [took(1)]),
        { shares: [of(100), of(100)] },
        { options: { max: 200 } },
      );
      expect(sharesOf(again, 2)).toEqual([1]);
    });

    test('takes no more in another round than were left', async () => {
      const run = await drains(
        rounds([took(97), { ...worker('time', 60) }], [took(40)]),
        { shares: [of(100), of(100)] },
        { options: { max: 200 } },
      );
      expect(sharesOf(run, 2)).toEqual([40]);
      expect(reportOf(run).outcome).toBe('replayed');
    });

    test('takes none again that failed once all were taken', async () => {
      const run = await drains(
        rounds([failing('count', 90, 7), took(100)]),
        { shares: [of(100), of(100)] },
        { options: { max: 200 } },
      );
      expect(reportOf(run)).toMatchObject({ outcome: 'replayed', steps: { drain: { rounds: 1 } } });
    });

    test('lets a share begin anew whose worker died', async () => {
      const run = await drains(
        rounds([died, took(100)], [took(97)]),
        { shares: [of(100), of(100)] },
        { options: { max: 200 } },
      );
      expect(sharesOf(run, 2)).toEqual([97]);
      expect(reportOf(run).outcome).toBe('replayed');
    });

    test('ends with the queue where it has less', async () => {
      const run = await drains(
        rounds([worker('empty', 10), took(100)]),
        { shares: [of(100), of(100)] },
        { options: { max: 200 } },
      );
      expect(reportOf(run)).toMatchObject({ outcome: 'replayed', reason: 'the queue has no more' });
    });
  });
});

describe('assessing a round', () => {
  const ends = (...answers: TaskResult[]) =>
    walk(input, {
      ...begun,
      ...held,
      'Send the canary': lambdaReturns(canaryLives),
      'Assess the round': answers,
      ...unlocked,
      ...closed,
    });

  test.each(transient.lambda)('goes on after %s', async (error) => {
    let failed = false;
    const run = await walk(input, {
      ...opened,
      ...work,
      'Assess the round': (call) => {
        if (failed) return (assessed['Assess the round'] as (call: TaskCall) => TaskResult)(call);
        failed = true;
        return fail(error);
      },
      ...closed,
    });
    const [first, second] = argumentsOf(run, 'Assess the round');
    expect(second).toEqual(first);
    expect(run.terminal).toBe('Replayed');
  });

  test('is given up after three retries, and what was sent is in the account', async () => {
    const run = await ends(...failures(4, fail('Lambda.ServiceException')));
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: 'the round was not assessed: Lambda.ServiceException',
      steps: { canary: canaryLives, account: { account: account.account } },
    });
    expect(run.cause).toBe('the round was not assessed: Lambda.ServiceException: no cause was given');
  });

  test('that never answers is given up', async () => {
    const never = { decision: { next: 'drain' as const }, shares, fruitless: 0, steps: {} };
    const run = await ends(lambdaReturns(never, { after: 61 }));
    expect(run).toMatchObject({ terminal: 'ReplayNotProven', elapsedSeconds: 60 });
  });
});

/** What an execution is told that takes up the run of another. */
function continued(more: object = {}): object {
  return {
    queue: 'webhook-events',
    runId: 'nightly-1',
    startedBy: 'alarm on webhook-events',
    continues: {
      runStartedAt: startedAt,
      options: {},
      facts: {},
      failure: null,
      steps: { inspect: inspected, canary: canaryLives },
      shares,
      lease: 30,
      deadline: '',
      drainStartedAt: startedAt,
      round: 15,
      fruitless: 0,
      ...more,
    },
  };
}

describe('a run of many rounds', () => {
  const untilItsEnd = [worker('time', 500), worker('time', 500)];
  const started = ok({ ExecutionArn: executionArn('replay', 'next'), StartDate: 1_772_334_000 });
  const many = Array.from({ length: 14 }, () => untilItsEnd);
  const goesOn = (answers: TaskResult | TaskResult[], more: Answers = {}, given: object = {}) =>
    walk(
      { ...input, ...given },
      {
        ...begun,
        ...held,
        'Send the canary': lambdaReturns(canaryLives),
        ...assessed,
        'Drain a share': rounds(...many),
        'Continue as a new execution': answers,
        ...more,
      },
    );
  const failsToGoOn = (...answers: TaskResult[]) => goesOn(answers, { ...unlocked, ...closed });

  test('goes on as a new execution, which is told all that this one knows', async () => {
    const incident = { failedAt: '2026-03-01T02:58:00.000Z' };
    const run = await goesOn(started, {}, { incident });
    expect(argumentsOf(run, 'Continue as a new execution')).toEqual([
      {
        StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:replay',
        Name: expect.stringMatching(/^nightly-1-15-[0-9a-f]{8}$/),
        Input: continued({
          facts: { incident },
          steps: {
            inspect: inspected,
            canary: canaryLives,
            drain: {
              ...drained,
              rounds: 14,
              workers: untilItsEnd.map(workerInEvidence),
            },
          },
        }),
      },
    ]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      terminal: 'ContinuedElsewhere',
      output: { runId: 'nightly-1', continuedBy: executionArn('replay', 'next') },
    });
    expect(run.visited).not.toContain('Unlock the queue');
    expect(run.visited).not.toContain('Record the run');
  });

  test('is continued under the same run id, record and lock, and settled with the account of all', async () => {
    const before = await goesOn(started);
    const [{ Input = {} } = {}] = argumentsOf(before, 'Continue as a new execution') as { Input?: object }[];
    const startTime = '2026-03-01T07:00:00.000Z';
    const run = await walk(
      Input,
      {
        ...held,
        'Drain a share': () => lambdaReturns(worker('empty', 4)),
        'Assess the round': assessing(startTime),
        ...unlocked,
        ...closed,
      },
      { executionName: 'next', startTime },
    );
    expect(run.visited).not.toContain('Open the run');
    expect(run.visited).not.toContain('Send the canary');
    expect(payloadsOf(run, 'Drain a share')).toMatchObject([
      { ...ofRun, round: 15 },
      { ...ofRun, round: 15 },
    ]);
    expect(argumentsOf(run, 'Lock the queue')).toMatchObject([
      {
        Item: { owner: { S: 'nightly-1' }, until: { N: String(Date.parse(startTime) + 40 * 60_000) } },
      },
    ]);
    expect(payloadsOf(run, 'Settle the account')).toEqual([{ ...ofRun, ...emptyQueue }]);
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        ...replayed,
        executionArn: executionArn('replay', 'next'),
        steps: {
          inspect: inspected,
          canary: canaryLives,
          drain: { startedAt, finishedAt: startTime, rounds: 15 },
        },
      },
    ]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'Replayed' });
  });

  test('goes on a second time', async () => {
    const run = await walk(
      continued(),
      {
        ...held,
        'Drain a share': () => lambdaReturns(worker('time', 500)),
        ...assessed,
        'Continue as a new execution': started,
      },
      { executionName: 'next' },
    );
    const [{ Name, Input } = {}] = argumentsOf(run, 'Continue as a new execution') as {
      Name?: string;
      Input?: object;
    }[];
    expect(Name).toMatch(/^nightly-1-30-/);
    expect(Input).toMatchObject({ runId: 'nightly-1', continues: { round: 30, runStartedAt: startedAt } });
  });

  test('counts rounds in vain across executions', async () => {
    const run = await walk(continued({ fruitless: 2 }), {
      ...held,
      'Drain a share': () => died,
      ...assessed,
      ...unlocked,
      ...closed,
    });
    expect(payloadsOf(run, 'Drain a share')).toHaveLength(2);
    expect(run.terminal).toBe('ReplayNotProven');
  });

  test('finds names of at most 80 characters that no other execution has', async () => {
    const runId = `replay-${'q'.repeat(31)}-${'0'.repeat(16)}-${'x'.repeat(25)}`;
    expect(runId).toHaveLength(81);
    const names = [];
    for (const executionName of ['one', 'another']) {
      const run = await walk(
        { ...continued(), runId: runId.slice(1) },
        {
          ...held,
          'Drain a share': () => lambdaReturns(worker('time', 500)),
          ...assessed,
          'Continue as a new execution': started,
        },
        { executionName },
      );
      names.push((argumentsOf(run, 'Continue as a new execution') as { Name: string }[])[0]?.Name ?? '');
    }
    expect(names.map(({ length }) => length <= 80)).toEqual([true, true]);
    expect(new Set(names).size).toBe(2);
  });

  test.each(transient.stepFunctions)('asks again, for the same, after %s', async (error) => {
    const run = await goesOn([fail(error), started]);
    const [first, second] = argumentsOf(run, 'Continue as a new execution');
    expect(second).toEqual(first);
    expect(run.terminal).toBe('ContinuedElsewhere');
  });

  test('that cannot go on is settled here, lets the queue go, and proves nothing', async () => {
    const denied = fail('StepFunctions.StateMachineDoesNotExistException', 'State Machine Does Not Exist');
    const run = await failsToGoOn(denied);
    expect(run.visited).toContain('Unlock the queue');
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: 'the run could not be continued: StepFunctions.StateMachineDoesNotExistException',
      steps: { account: { account: account.account } },
    });
    expect(run.terminal).toBe('ReplayNotProven');
  });

  test('is given up after five retries', async () => {
    const run = await failsToGoOn(
      ...failures(6, fail('StepFunctions.AWSStepFunctionsException', 'Rate exceeded')),
    );
    expect(run.cause).toBe(
      'the run could not be continued: StepFunctions.AWSStepFunctionsException: Rate exceeded',
    );
  });
});

describe('settling the account', () => {
  test('that does not add up proves nothing, and says why the replay ended too', async () => {
    const run = await settles(settling(missing));
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...replayed,
        outcome: 'not-proven',
        reason: `the queue has no more; ${missing.words}`,
        steps: { ...steps, account: settled(undefined, missing) },
      },
    ]);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'ReplayNotProven',
      cause: `the queue has no more; ${missing.words}`,
    });
  });

  test('says what is left in the queue, where somebody else may hide it too', async () => {
    const run = await settles(settling({ ...account, left: 1 }));
    expect(reportOf(run)).toMatchObject({
      outcome: 'replayed',
      reason: 'the queue has no more; left in the queue, hidden ones too: about 1',
    });
    const lost = await settles(settling({ ...missing, left: 7 }));
    expect(reportOf(lost).reason).toBe(
      `the queue has no more; left in the queue, hidden ones too: about 7; ${missing.words}`,
    );
  });

  test('that does not add up proves nothing of a replay that stopped either', async () => {
    const run = await walk(input, {
      ...begun,
      ...held,
      'Send the canary': lambdaReturns(worker('stopped', 0)),
      ...assessed,
      'Settle the account': settling(missing),
      'Unlock the queue': ok(),
      ...closed,
    });
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: `${REASONS.stopped}; ${missing.words}`,
    });
  });

  test('in vain proves nothing, and lets the queue go', async () => {
    const unreadable = lambdaThrows('AccountUnreadable', 'the account of worker "a" cannot be read');
    const run = await settles(unreadable);
    expect(run.visited).toContain('Unlock the queue');
    expect(reportOf(run)).toMatchObject({
      outcome: 'not-proven',
      reason: 'the queue has no more; the account could not be settled: AccountUnreadable',
      failure: caughtFrom(unreadable),
    });
    expect(run.terminal).toBe('ReplayNotProven');
  });

  test('in vain after another failure keeps the first, which is the reason', async () => {
    const run = await walk(input, {
      ...begun,
      ...held,
      'Send the canary': died,
      'Settle the account': lambdaThrows('AccountUnreadable', 'no'),
      'Unlock the queue': ok(),
      ...closed,
    });
    expect(reportOf(run)).toMatchObject({
      reason:
        'the canary did not come to its end: Runtime.ExitError; the account could not be settled: AccountUnreadable',
      failure: caughtFrom(died),
    });
  });

  test.each(transient.lambda)('goes on after %s', async (error) => {
    const run = await settles([fail(error), lambdaReturns(settled())]);
    expect(reportOf(run)).toEqual(replayed);
  });

  test('is given up after five retries', async () => {
    const run = await settles(failures(6, fail('Lambda.TooManyRequestsException', 'Rate Exceeded.')));
    expect(payloadsOf(run, 'Settle the account')).toHaveLength(6);
    expect(run.terminal).toBe('ReplayNotProven');
  });
});

describe('letting go of the queue', () => {
  const ends = (...answers: TaskResult[]) =>
    walk(input, { ...opened, ...work, 'Unlock the queue': answers, ...closed });

  test.each(transient.dynamodb)('goes on after %s', async (error) => {
    const run = await ends(fail(error), ok());
    expect(reportOf(run)).toEqual(replayed);
  });

  test.each([
    ['that stays throttled', failures(6, fail('DynamoDB.ThrottlingException'))],
    ['that is denied', [fail('DynamoDB.AccessDeniedException', 'no')]],
  ])('%s is no failure: the hold ends by itself', async (_, answers) => {
    const run = await ends(...answers);
    expect(payloadsOf(run, 'Record the run')).toEqual([replayed]);
    expect(run.terminal).toBe('Replayed');
  });
});

describe('a replay that answers an incident and fails reports both', () => {
  const incident = { failedAt: '2026-03-01T02:58:00.000Z' };
  const broken = fail('Broken', 'no');
  const toTheEnd: Answers = { ...opened, ...work, ...closed };
  const until = (state: string): Answers => {
    const entries = Object.entries(toTheEnd);
    return Object.fromEntries(
      entries.slice(
        0,
        entries.findIndex(([name]) => name === state),
      ),
    );
  };

  test.each([
    ['Inspect the queue', { ...until('Inspect the queue'), ...closed }],
    ['Lock the queue', { ...until('Lock the queue'), ...unlocked, ...closed }],
    ['Send the canary', { ...until('Send the canary'), ...unlocked, ...closed }],
    ['Settle the account', { ...toTheEnd }],
  ])('in %s', async (state, answers) => {
    const run = await walk({ ...input, incident }, { ...answers, [state]: broken });
    expect(reportOf(run)).toMatchObject({ facts: { incident }, failure: { error: 'Broken', cause: 'no' } });
  });

  test('while it drains', async () => {
    const run = await walk(continued({ shares: 'none', facts: { incident } }), {
      ...held,
      ...unlocked,
      ...closed,
    });
    expect(reportOf(run)).toMatchObject({
      facts: { incident },
      failure: { error: 'States.QueryEvaluationError' },
    });
  });

  test('when it cannot go on', async () => {
    const run = await walk(continued({ facts: { incident } }), {
      ...held,
      'Drain a share': () => lambdaReturns(worker('time', 5)),
      ...assessed,
      'Continue as a new execution': broken,
      ...unlocked,
      ...closed,
    });
    expect(reportOf(run)).toMatchObject({ facts: { incident }, failure: { error: 'Broken', cause: 'no' } });
  });
});

test('these runs walk every branch, catch, exhausted retry and end of the machine', () => {
  expect(machine.uncovered()).toEqual([]);
});
