import { describe, expect, test } from 'vitest';
import type { handler as recordRun } from '../../functions/journal/record-run.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { fullReason } from '../../shared/run/full-reason.ts';
import type { RunReport } from '../../shared/run/report.ts';
import { unwrapFailure } from '../../shared/run/unwrap-cause.ts';
import type { TaskScript } from '../simulator/script.ts';
import { fail, lambdaReturns, lambdaThrows, ok, type TaskResult } from '../simulator/simulate.ts';
import { describeRunClaim } from './describe-run-claim.ts';
import { type Answer, arnOf } from './functions.ts';
import {
  type Answers,
  argumentsOf,
  caughtFrom,
  executionArn,
  failsWithoutCause,
  failures,
  integrationOf,
  type MachineName,
  type machineUnderTest,
  payloadsOf,
  readDefinition,
  startedAt,
  transient,
} from './machine-under-test.ts';

/** The result of record-run; a machine does not depend on the words of a real announcement. */
export const recorded: Answer<typeof recordRun> = {
  evidence: 's3://vault/evidence/run.json',
  subject: 'Lifeboat: mailblast/main: what came of it',
  message: 'what came of it, in a few lines',
  announce: true,
  note: null,
  occasion: 'succeeded',
  fullReason: 'what came of it, and why',
};

/** The recording succeeds, and reports how the run ended in record-run's words. */
const records: TaskScript = ({ arguments: sent }) => {
  const { reason, failure } = (sent as unknown as { Payload: RunReport }).Payload;
  return lambdaReturns({
    ...recorded,
    fullReason: fullReason({ reason, failure: failure && unwrapFailure(failure) }),
  });
};

/** No other execution works on the run. */
export const claimed: Answers = {
  'Claim the run': ({ arguments: sent }) => {
    const { ExpressionAttributeValues: values } = sent as {
      ExpressionAttributeValues: { ':me': { S: string } };
    };
    return ok({ Attributes: { executionArn: values[':me'] } });
  },
};
export const opened: Answers = { ...claimed, 'Open the run': ok() };
export const closed: Answers = {
  'Record the run': records,
  'Announce the outcome': ok({ MessageId: 'm-1' }),
};
const unrecorded: Answers = { 'Announce that recording failed': ok({ MessageId: 'm-2' }) };

/** Causes as AWS gives them, recorded or documented; an expression that parses them would fail on most. */
export const oddCauses: [string, TaskResult][] = [
  ['a function that threw', lambdaThrows('Broken', 'say "no", {then} go')],
  [
    'a function killed at its time limit, in prose',
    fail(
      'Lambda.Unknown',
      'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"2025-03-01T03:15:02.114Z 5f0c1a2b Task timed out after 902.11 seconds"}',
    ),
  ],
  [
    'a function killed at its time limit, in JSON',
    fail(
      'Sandbox.Timedout',
      '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 5f0c1a2b Error: Task timed out after 902.11 seconds"}',
    ),
  ],
  ['a service, in prose', fail('Lambda.Unknown', 'the connection was reset')],
  ['JSON cut in the middle', fail('Broken', '{"errorType":"Broken","errorMessage":"a very long')],
  ['JSON without a message', fail('Broken', '{"message":"no"}')],
  ['JSON that ends a sentence', fail('Broken', 'it answered "errorMessage" {}')],
  ['nothing, empty', fail('States.Timeout')],
  ['nothing at all', failsWithoutCause('States.Timeout')],
];

/** What a machine receives and sends when every step succeeds. */
export interface GoodRun {
  readonly name: MachineName;
  /** the whole input that a schedule gives */
  readonly input: Readonly<Record<string, string>>;
  /** the results of its own tasks */
  readonly work: Answers;
  /** those of tasks that only a failure leads to */
  readonly afterFailure?: Answers;
  /** what it sends to record-run */
  readonly report: RunReport;
  readonly terminal: string;
  /** the outcome of a run that could not be opened */
  readonly unopened: RunReport['outcome'];
  /** the machine's name in the announcement */
  readonly called: string;
}

/** What every machine does around its own work: it opens a record, records what happened, and announces it. */
export function describeRunKeeping(
  { walk }: Pick<ReturnType<typeof machineUnderTest>, 'walk'>,
  { name, input, work, afterFailure = {}, report, terminal, unopened, called }: GoodRun,
): void {
  const good: Answers = { ...opened, ...work, ...closed };
  /** Every step succeeds until the run is recorded. */
  const recordingFails = (...answers: TaskResult[]) =>
    walk(input, { ...opened, ...work, 'Record the run': answers, ...unrecorded });
  const announcement = (message: string) => ({
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alerts',
    Subject: `Lifeboat: mailblast: ${called} NOT RECORDED`,
    Message: message,
    MessageAttributes: { outcome: { DataType: 'String', StringValue: 'failed' } },
  });

  const { States } = readDefinition(name);
  const functionTasks = Object.keys(work).filter(
    (state) => integrationOf(States[state] ?? {}) === 'lambda:invoke',
  );

  /** Earlier tasks of the work return their usual results. */
  const workBefore = (state: string): Answers =>
    Object.fromEntries(Object.entries(work).slice(0, Object.keys(work).indexOf(state)));
  /** So do the tasks that follow when this one fails. */
  function afterFailureOf(state: string): Answers {
    const answers: Record<string, TaskScript> = {};
    const { Catch = [] } = States[state] ?? {};
    for (
      let next = Catch.at(-1)?.Next;
      next && next !== 'Record the run';
      next = States[next]?.Next ?? States[next]?.Default
    ) {
      const answer = work[next] ?? afterFailure[next];
      if (answer) answers[next] = answer;
    }
    return answers;
  }

  describeRunClaim({ walk }, { name, input, good, unrecorded, terminal, unopened });

  describe('opening the run', () => {
    test('puts a running record under the key that the journal looks for', async () => {
      const run = await walk(input, good);
      const { backup } = input;
      expect(argumentsOf(run, 'Open the run')).toEqual([
        {
          TableName: 'journal',
          Item: {
            workload: { S: 'mailblast' },
            run: { S: recordKey(name, { runId: 'nightly-1', runStartedAt: startedAt }) },
            machine: { S: name },
            runId: { S: 'nightly-1' },
            executionArn: { S: executionArn(name) },
            startedBy: { S: input.startedBy },
            startedAt: { S: startedAt },
            subject: { S: report.subject },
            ...(backup === undefined ? {} : { backup: { S: backup } }),
            status: { S: 'running' },
          },
        },
      ]);
    });

    test('under a given run id takes that run up, in its record and in every task', async () => {
      const run = await walk({ ...input, runId: 'nightly-0' }, good);
      expect(argumentsOf(run, 'Open the run')).toMatchObject([
        {
          Item: {
            runId: { S: 'nightly-0' },
            run: { S: recordKey(name, { runId: 'nightly-0', runStartedAt: startedAt }) },
          },
        },
      ]);
      const told = run.calls.flatMap(
        ({ arguments: sent }) => (sent as { Payload?: { runId?: string } }).Payload?.runId ?? [],
      );
      expect(new Set(told)).toEqual(new Set(['nightly-0']));
      expect(payloadsOf(run, 'Record the run')).toEqual([{ ...report, runId: 'nightly-0' }]);
      expect(run).toMatchObject({ terminal, output: { runId: 'nightly-0' } });
    });

    test.each(transient.dynamodb)('goes on after %s', async (error) => {
      const run = await walk(input, { ...good, 'Open the run': [fail(error), ok()] });
      expect(run.terminal).toBe(terminal);
      const [first, second] = argumentsOf(run, 'Open the run');
      expect(second).toEqual(first);
    });

    test('that stays throttled is given up, announced, and nothing is done', async () => {
      const throttled = fail('DynamoDB.ThrottlingException', 'Rate exceeded');
      const run = await walk(input, { ...claimed, 'Open the run': failures(6, throttled), ...unrecorded });
      const said = `ended as ${unopened} (nothing was done, because the run could not be opened) and could not be recorded: DynamoDB.ThrottlingException: Rate exceeded`;
      expect(run.visited.slice(run.visited.indexOf('Open the run'))).toEqual([
        'Open the run',
        'Announce that recording failed',
        'RunNotRecorded',
      ]);
      expect(argumentsOf(run, 'Announce that recording failed')).toEqual([
        announcement(`The run ${executionArn(name)} ${said}`),
      ]);
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'RunNotRecorded',
        cause: `The run ${said}`,
      });
    });

    test('that is denied is not tried again', async () => {
      const run = await walk(input, {
        ...claimed,
        'Open the run': fail('DynamoDB.AccessDeniedException', 'not authorized'),
        ...unrecorded,
      });
      expect(run).toMatchObject({ status: 'FAILED', error: 'RunNotRecorded' });
    });

    test('that nobody answers is given up after a minute', async () => {
      const run = await walk(input, { ...claimed, 'Open the run': ok({}, { after: 61 }), ...unrecorded });
      expect(run).toMatchObject({ error: 'RunNotRecorded', elapsedSeconds: 60 });
    });
  });

  describe('recording the run', () => {
    test('hands over the whole run and announces what record-run says, in its words', async () => {
      const run = await walk(input, good);
      expect(argumentsOf(run, 'Record the run')).toEqual([
        { FunctionName: arnOf('RecordRun'), Payload: report },
      ]);
      expect(argumentsOf(run, 'Announce the outcome')).toEqual([
        {
          TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alerts',
          Subject: recorded.subject,
          Message: recorded.message,
          MessageAttributes: { outcome: { DataType: 'String', StringValue: 'succeeded' } },
        },
      ]);
    });

    test.each(transient.lambda)('goes on after %s', async (error) => {
      const run = await walk(input, { ...good, 'Record the run': [fail(error), lambdaReturns(recorded)] });
      expect(payloadsOf(run, 'Record the run')).toEqual([report, report]);
      expect(run.terminal).toBe(terminal);
    });

    test('that fails is announced together with what the run found', async () => {
      const denied = lambdaThrows('AccessDenied', 's3:PutObject is not allowed');
      const run = await recordingFails(denied);
      const said = `ended as ${report.outcome} (${report.reason}) and could not be recorded: AccessDenied: ${caughtFrom(denied).cause}`;
      expect(argumentsOf(run, 'Announce that recording failed')).toEqual([
        announcement(`The run ${executionArn(name)} ${said}`),
      ]);
      expect(run).toMatchObject({
        status: 'FAILED',
        terminal: 'RunNotRecorded',
        error: 'RunNotRecorded',
        cause: `The run ${said}`,
      });
    });

    test.each([
      ['fails to invoke', 'Lambda.ServiceException', 5],
      ['refuses, because it takes no more invocations,', 'Lambda.TooManyRequestsException', 8],
    ])('that Lambda keeps %s (%s) is given up after %i retries', async (_, error, retries) => {
      const run = await recordingFails(...failures(retries + 1, fail(error, 'Rate Exceeded.')));
      expect(payloadsOf(run, 'Record the run')).toEqual(Array(retries + 1).fill(report));
      expect(run.terminal).toBe('RunNotRecorded');
    });

    test('that takes too long is given up', async () => {
      const run = await recordingFails(lambdaReturns(recorded, { after: 121 }));
      expect(run.cause).toContain('could not be recorded: States.Timeout');
    });

    test.each(oddCauses)(
      'with the cause of %s says it word for word, without reading it',
      async (_, failure) => {
        const run = await recordingFails(failure);
        const { error, cause } = caughtFrom(failure);
        const said = cause === null ? error : `${error}: ${cause}`;
        expect(run).toMatchObject({
          error: 'RunNotRecorded',
          cause: `The run ended as ${report.outcome} (${report.reason}) and could not be recorded: ${said}`,
        });
      },
    );
  });

  describe('text of others in what no function has read', () => {
    const hostile =
      'no\r\nFrom: AWS\u001b[2J\u009b31m\u202e\u200b\u2028 duplicate\u{e0041} "ключ" {% $x %} $y \u0000';
    const shown = 'no��From: AWS�[2J�31m��� duplicate�� "ключ" {% $x %} $y �';

    test('starts no line, controls no terminal and hides nothing, in the e-mail and in the execution', async () => {
      const run = await recordingFails(fail('Broken', hostile));
      const said = `ended as ${report.outcome} (${report.reason}) and could not be recorded: Broken: ${shown}`;
      expect(argumentsOf(run, 'Announce that recording failed')).toEqual([
        announcement(`The run ${executionArn(name)} ${said}`),
      ]);
      expect(run).toMatchObject({ error: 'RunNotRecorded', cause: `The run ${said}` });
    });

    test('does not flood, so that SNS takes the message and the execution its cause', async () => {
      const [first = ''] = functionTasks;
      const flood = 'é'.repeat(32_000);
      const run = await walk(input, {
        ...opened,
        ...workBefore(first),
        ...afterFailureOf(first),
        [first]: fail('Broken', flood),
        'Record the run': fail('Broken', flood),
        ...unrecorded,
      });
      expect(run).toMatchObject({ error: 'RunNotRecorded', cause: expect.stringMatching(/^The run .*é…$/) });
      const [{ Message }] = argumentsOf(run, 'Announce that recording failed') as [{ Message: string }];
      for (const text of [Message, run.cause ?? '']) expect(text.length).toBeLessThan(5_000);
    });

    test('is shown the same way where an outcome could not be announced', async () => {
      const run = await walk(input, { ...good, 'Announce the outcome': fail('Broken', hostile) });
      expect(run).toMatchObject({
        error: 'OutcomeNotAnnounced',
        cause: expect.stringMatching(/: Broken: no��From: AWS�\[2J/),
      });
    });
  });

  const mayBeAsleep = functionTasks.filter((state) =>
    States[state]?.Retry?.some(({ ErrorEquals }) => ErrorEquals.includes(transient.asleep[0])),
  );
  describe.each(mayBeAsleep)("the function of '%s'", (state) => {
    test.each(transient.asleep)('is woken within three minutes and goes on after %s', async (error) => {
      const answers = [...failures(6, fail(error)), work[state] as TaskResult].flat();
      const run = await walk(input, { ...good, [state]: answers });
      expect(run.terminal).toBe(terminal);
      expect(run.elapsedSeconds).toBeGreaterThan(180);
    });

    test('that does not wake up fails the step', async () => {
      const still = fail('Lambda.ResourceNotReadyException', 'The function is inactive');
      const answers = { ...workBefore(state), ...afterFailureOf(state), [state]: failures(7, still) };
      const run = await walk(input, { ...opened, ...answers, ...closed });
      const [{ failure, steps }] = payloadsOf(run, 'Record the run') as [RunReport];
      expect([failure, ...Object.values(steps).map((step) => step.failure)]).toContainEqual(
        caughtFrom(still),
      );
    });
  });

  describe.each(functionTasks)("the function of '%s', while Lambda takes no more invocations", (state) => {
    const refused = fail('Lambda.TooManyRequestsException', 'Rate Exceeded.');

    test('is invoked again for minutes, and its retries after other errors do not count', async () => {
      const works = work[state] as TaskScript;
      const later = typeof works === 'function' ? works : [works].flat();
      const refusals = [...failures(8, refused), fail('Lambda.ServiceException')];
      const run = await walk(input, {
        ...good,
        [state]: (call) =>
          refusals.shift() ?? (typeof later === 'function' ? later(call) : (later.shift() as TaskResult)),
      });
      expect(run.terminal).toBe(terminal);
      expect(run.elapsedSeconds).toBeGreaterThan(120);
    });

    test('is given up after eight retries', async () => {
      const answers = { ...workBefore(state), ...afterFailureOf(state), [state]: failures(9, refused) };
      const run = await walk(input, { ...opened, ...answers, ...closed });
      const [{ failure, steps }] = payloadsOf(run, 'Record the run') as [RunReport];
      expect([failure, ...Object.values(steps).map((step) => step.failure)]).toContainEqual(
        caughtFrom(refused),
      );
    });
  });

  describe.each(functionTasks)("a failure of '%s'", (state) => {
    test.each(oddCauses)('with the cause of %s is handed to record-run word for word', async (_, failure) => {
      const answers = { ...workBefore(state), ...afterFailureOf(state), [state]: () => failure };
      const run = await walk(input, { ...opened, ...answers, ...closed });
      const [{ failure: failed, steps }] = payloadsOf(run, 'Record the run') as [RunReport];
      const kept = [failed, ...Object.values(steps).map((step) => step.failure)];
      expect(kept).toContainEqual(caughtFrom(failure));
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
  test.each(
    functionTasks.flatMap((state) => [
      [state, 'States.DataLimitExceeded'],
      [state, 'States.Runtime'],
    ]),
  )(
    "'%s' that ends in %s ends the run at once: States.ALL does not catch it, and only an alarm tells of it",
    async (state, error) => {
      const run = await walk(input, { ...opened, ...workBefore(state), [state]: fail(error, 'too large') });
      expect(run).toMatchObject({ status: 'FAILED', error, cause: 'too large' });
      expect(run.visited).not.toContain('Record the run');
    },
  );

  describe('announcing', () => {
    test('is left out for what was announced already, and the execution ends as it would', async () => {
      const known = { ...recorded, announce: false, occasion: 'failed' as const };
      const run = await walk(input, { ...opened, ...work, 'Record the run': lambdaReturns(known) });
      expect(run.visited).not.toContain('Announce the outcome');
      const announced = await walk(input, good);
      expect([run.status, run.terminal, run.output]).toEqual([announced.status, terminal, announced.output]);
      expect(run.output).toMatchObject({ runId: 'nightly-1', evidence: recorded.evidence });
    });

    const note = { series: `${name}/main/full`, announced: '{"runId":"nightly-1"}' };
    const withNote = { 'Record the run': lambdaReturns({ ...recorded, note }) };
    const NOTE = 'Note the announcement';

    test('is noted where the next run has to know of it, and only once SNS has taken it', async () => {
      const run = await walk(input, { ...good, ...withNote, [NOTE]: ok() });
      expect(argumentsOf(run, NOTE)).toEqual([
        {
          TableName: 'journal',
          Item: {
            workload: { S: 'mailblast#announcements' },
            run: { S: note.series },
            announced: { S: note.announced },
          },
        },
      ]);
      expect(run.visited.indexOf(NOTE)).toBeGreaterThan(run.visited.indexOf('Announce the outcome'));
      const without = await walk(input, good);
      expect(without.visited).not.toContain(NOTE);
      expect([run.terminal, run.output]).toEqual([without.terminal, without.output]);
      const refused = await walk(input, {
        ...good,
        ...withNote,
        'Announce the outcome': fail('SNS.NotFoundException', 'Topic does not exist'),
      });
      expect(refused.terminal).toBe('OutcomeNotAnnounced');
      expect(refused.visited).not.toContain(NOTE);
    });

    test.each(transient.dynamodb)('is noted after %s', async (error) => {
      const run = await walk(input, { ...good, ...withNote, [NOTE]: [fail(error), ok()] });
      expect(argumentsOf(run, NOTE)).toHaveLength(2);
      expect(run.terminal).toBe(terminal);
    });

    test('and not noted changes nothing of the run: the next one announces it again', async () => {
      const noted = await walk(input, { ...good, ...withNote, [NOTE]: ok() });
      const [throttled = ''] = transient.dynamodb;
      for (const answers of [fail('DynamoDB.AccessDeniedException', 'no'), failures(3, fail(throttled))]) {
        const run = await walk(input, { ...good, ...withNote, [NOTE]: answers });
        expect([run.status, run.terminal, run.output]).toEqual([noted.status, terminal, noted.output]);
      }
    });

    test.each(transient.sns)('goes on after %s', async (error) => {
      const run = await walk(input, { ...good, 'Announce the outcome': [fail(error), ok()] });
      expect(run.terminal).toBe(terminal);
      const again = await walk(input, {
        ...opened,
        ...work,
        'Record the run': lambdaThrows('AccessDenied'),
        'Announce that recording failed': [fail(error), ok()],
      });
      expect(again.terminal).toBe('RunNotRecorded');
    });

    test('an outcome in vain fails the run, whatever the outcome, and says where the evidence is', async () => {
      const run = await walk(input, {
        ...good,
        'Announce the outcome': failures(4, fail('SNS.InternalErrorException', 'try again')),
      });
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'OutcomeNotAnnounced',
        cause: `The run ended as ${report.outcome} (${report.reason}; evidence: ${recorded.evidence}), but that could not be announced: SNS.InternalErrorException: try again`,
      });
    });

    test('an outcome to a topic that is gone is not tried again', async () => {
      const run = await walk(input, {
        ...good,
        'Announce the outcome': fail('SNS.NotFoundException', 'Topic does not exist'),
      });
      expect(run.terminal).toBe('OutcomeNotAnnounced');
    });

    test('an unrecorded run in vain leaves the cause with the execution', async () => {
      const run = await walk(input, {
        ...opened,
        ...work,
        'Record the run': fail('AccessDenied', 'no'),
        'Announce that recording failed': failures(4, fail('SNS.ThrottledException')),
      });
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'RunNotRecorded',
        cause: `The run ended as ${report.outcome} (${report.reason}) and could not be recorded: AccessDenied: no`,
      });
    });
  });
}
