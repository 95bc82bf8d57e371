import { describe, expect, test } from 'vitest';
import { fail, ok, type TaskResult } from '../simulator/simulate.ts';
import {
  type Answers,
  argumentsOf,
  executionArn,
  failures,
  type MachineName,
  type machineUnderTest,
  startedAt,
  transient,
} from './machine-under-test.ts';

const CLAIM = 'Claim the run';
const LOOK = 'Look at the other execution';
const TAKE = 'Take the run over';

interface ClaimedRun {
  readonly name: MachineName;
  readonly input: object;
  /** Every task of the machine succeeds. */
  readonly good: Answers;
  /** The announcement that the run could not be recorded. */
  readonly unrecorded: Answers;
  readonly terminal: string;
  readonly unopened: string;
}

/** One execution at a time works on a run, and no other does anything. */
export function describeRunClaim(
  { walk }: Pick<ReturnType<typeof machineUnderTest>, 'walk'>,
  { name, input, good, unrecorded, terminal, unopened }: ClaimedRun,
): void {
  const machineArn = executionArn(name)
    .replace(':execution:', ':stateMachine:')
    .replace(/:nightly-1$/, '');
  const other = executionArn(name, 'another');
  const claimedBy = (arn: string) => ok({ Attributes: { executionArn: { S: arn } } });
  /** The run is another execution's; where it is not taken over, no other task may be called. */
  const whileOther = (looked: TaskResult | TaskResult[], more: Answers, then: Answers = good) =>
    walk(input, { ...then, [CLAIM]: claimedBy(other), [LOOK]: looked, ...more });
  const throttled = fail('DynamoDB.ThrottlingException', 'Rate exceeded');
  const status = (Status: string) => ok({ ExecutionArn: other, Status });

  describe('claiming the run', () => {
    test('notes who works on it, under a name that each of its executions has in common', async () => {
      const run = await walk({ ...input, runId: 'nightly-0' }, good);
      expect(argumentsOf(run, CLAIM)).toEqual([
        {
          TableName: 'journal',
          Key: { workload: { S: 'mailblast#claims' }, run: { S: `${machineArn}#nightly-0` } },
          UpdateExpression: 'SET executionArn = if_not_exists(executionArn, :me)',
          ExpressionAttributeValues: { ':me': { S: executionArn(name) } },
          ReturnValues: 'ALL_NEW',
        },
      ]);
      expect(run.terminal).toBe(terminal);
      const [own] = argumentsOf(await walk(input, good), CLAIM);
      expect(own).toMatchObject({ Key: { run: { S: `${machineArn}#nightly-1` } } });
    });

    test('that another execution works on is refused, names that one, and does nothing else', async () => {
      const run = await whileOther(status('RUNNING'), {}, {});
      expect(argumentsOf(run, LOOK)).toEqual([{ ExecutionArn: other }]);
      expect(run).toMatchObject({ status: 'FAILED', error: 'RunAlreadyRunning' });
      expect(run.cause).toBe(
        `another execution works on the run "nightly-1": nothing was done here. Follow that one. It was claimed by ${other}`,
      );
      expect(new Set(run.calls.map(({ state }) => state))).toEqual(new Set([CLAIM, LOOK]));
    });

    test.each(['ABORTED', 'FAILED', 'TIMED_OUT', 'SUCCEEDED'])(
      'that another execution had, which ended as %s, takes it over',
      async (ended) => {
        const run = await whileOther(status(ended), { [TAKE]: ok() });
        expect(argumentsOf(run, TAKE)).toEqual([
          {
            TableName: 'journal',
            Key: { workload: { S: 'mailblast#claims' }, run: { S: `${machineArn}#nightly-1` } },
            UpdateExpression: 'SET executionArn = :me',
            ConditionExpression: 'executionArn IN (:other, :me)',
            ExpressionAttributeValues: { ':me': { S: executionArn(name) }, ':other': { S: other } },
          },
        ]);
        expect(run.terminal).toBe(terminal);
        expect(argumentsOf(run, 'Open the run')).toMatchObject([
          { Item: { runId: { S: 'nightly-1' }, startedAt: { S: startedAt } } },
        ]);
      },
    );

    test('that an execution had which Step Functions forgot takes it over', async () => {
      const run = await whileOther(fail('Sfn.ExecutionDoesNotExistException', 'Execution Does Not Exist'), {
        [TAKE]: ok(),
      });
      expect(run.terminal).toBe(terminal);
    });

    test('that a third execution took over in between is refused', async () => {
      const refused = fail('DynamoDB.ConditionalCheckFailedException', 'The conditional request failed');
      const run = await whileOther(status('ABORTED'), { [TAKE]: refused }, {});
      expect(run).toMatchObject({
        error: 'RunAlreadyRunning',
        cause: expect.stringContaining('"nightly-1"'),
      });
      expect(run.visited).not.toContain('Open the run');
    });

    test.each(transient.dynamodb)('goes on after %s', async (error) => {
      const run = await walk(input, { ...good, [CLAIM]: [fail(error), claimedBy(executionArn(name))] });
      expect(run.terminal).toBe(terminal);
      const taken = await whileOther(status('FAILED'), { [TAKE]: [fail(error), ok()] });
      expect(taken.terminal).toBe(terminal);
    });

    test.each(transient.sfn)('looks again after %s', async (error) => {
      const run = await whileOther([fail(error), status('FAILED')], { [TAKE]: ok() });
      expect(run.terminal).toBe(terminal);
    });

    test.each([
      [CLAIM, { [CLAIM]: fail('DynamoDB.AccessDeniedException', 'no') }],
      [CLAIM, { [CLAIM]: failures(6, throttled) }],
      [TAKE, { [CLAIM]: claimedBy(other), [LOOK]: status('FAILED'), [TAKE]: failures(6, throttled) }],
      [LOOK, { [CLAIM]: claimedBy(other), [LOOK]: fail('Sfn.AccessDeniedException', 'no') }],
      [LOOK, { [CLAIM]: claimedBy(other), [LOOK]: failures(6, fail('Sfn.SfnException', 'Rate exceeded')) }],
      [
        TAKE,
        {
          [CLAIM]: claimedBy(other),
          [LOOK]: status('FAILED'),
          [TAKE]: fail('DynamoDB.AccessDeniedException'),
        },
      ],
    ])("that fails in '%s' is announced, and nothing is done", async (_, answers) => {
      const run = await walk(input, { ...answers, ...unrecorded } as Answers);
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'RunNotRecorded',
        cause: expect.stringContaining(
          `ended as ${unopened} (nothing was done, because the run could not be opened)`,
        ),
      });
      expect(run.visited).not.toContain('Open the run');
    });
  });
}
