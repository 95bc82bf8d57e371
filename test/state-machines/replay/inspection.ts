import { describe, expect, test } from 'vitest';
import { fail, lambdaReturns, lambdaThrows } from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import { caughtFrom, causeOf, failures, payloadsOf, transient } from '../machine-under-test.ts';

import {
  drains,
  emptied,
  input,
  inspected,
  inspects,
  replayed,
  reportOf,
  rounds,
  walk,
  work,
} from './scene.ts';

export function describeInspection(): void {
  describe('inspecting the queue', () => {
    test('is all that a dry run does, and it does not end as one that replayed', async () => {
      const dry = { ...inspected, dryRun: true };
      const run = await walk(
        { ...input, options: { dryRun: true } },
        { ...opened, 'Inspect the queue': lambdaReturns(dry), ...closed },
      );
      expect(run.visited).toEqual([
        'Check the input',
        'Start or continue',
        'Claim the run',
        'Is the run ours',
        'Open the run',
        'Inspect the queue',
        'Dry run or replay',
        'Record the run',
        'Is it news',
        'Announce the outcome',
        'Is it to be noted',
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
}
