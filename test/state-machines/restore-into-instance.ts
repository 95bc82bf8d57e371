import { describe, expect, test } from 'vitest';
import type { handler as chooseRecoveryPoint } from '../../functions/restore/choose-recovery-point.ts';
import type { handler as deleteInstance } from '../../functions/restore/delete-instance.ts';
import type { handler as readInstance } from '../../functions/restore/read-instance.ts';
import type { handler as restoreInstance } from '../../functions/restore/restore-instance.ts';
import type { handler as validateInstance } from '../../functions/restore/validate-instance.ts';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../simulator/simulate.ts';
import { closed, opened } from './describe-run-keeping.ts';
import type { Answer } from './functions.ts';
import {
  type Answers,
  argumentsOf,
  caughtFrom,
  failures,
  type machineUnderTest,
  payloadsOf,
  startedAt,
  transient,
} from './machine-under-test.ts';

const input = { restoreTest: 'snapshots', startedBy: 'schedule snapshots-restore-test' };
const recoveryPoint = '20260301T020000Z-5f0c1a2b9d8e7f6a';
const ofRun = { runId: 'nightly-1', runStartedAt: startedAt };
const looked = { startedAt, finishedAt: '2026-03-01T03:01:00.000Z' };

const chosen: Answer<typeof chooseRecoveryPoint> = {
  ...looked,
  database: 'main',
  backup: 'hourly',
  recoveryPoint,
  snapshotAt: '2026-03-01T02:00:02.000Z',
  candidates: 24,
  hidden: [],
};
const instance = {
  name: 'lifeboat-scratch-5f0c1a2b9d8e7f6a',
  host: 'scratch.example',
  port: 5432,
  dbname: 'shop',
  loginSecret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1',
};
const restored: Answer<typeof restoreInstance> = {
  ...looked,
  scratch: instance.name,
  complete: true,
  waitingFor: null,
  instance,
  differences: [{ setting: 'class', expected: 'db.r6g.large', found: 'db.t4g.small' }],
};
const pending = (waitingFor: string): Answer<typeof restoreInstance> => ({
  ...restored,
  complete: false,
  waitingFor,
  instance: null,
  differences: null,
});
const read: Answer<typeof readInstance> = {
  ...looked,
  complete: true,
  next: null,
  bytes: 2_000_000,
  damaged: [],
  unread: ['public.audit'],
};
const halfRead: Answer<typeof readInstance> = {
  ...read,
  complete: false,
  next: { relation: 16_384, block: 8_192 },
  bytes: 1_000_000,
  damaged: [{ table: 'public.orders', reason: 'invalid page in block 0' }],
};
const validated: Answer<typeof validateInstance> = {
  ...looked,
  verdict: 'verified',
  reason: '9 checks passed',
  checks: 9,
  recoveredTo: '2026-03-01T01:59:30.000Z',
};
const deleting: Answer<typeof deleteInstance> = {
  ...looked,
  complete: false,
  dropped: false,
  waitingFor: 'RDS deletes it',
};
const gone: Answer<typeof deleteInstance> = { ...looked, complete: true, dropped: true, waitingFor: null };

const [CHOOSE, RESTORE, READ, VALIDATE, DELETE] = [
  'Choose a recovery point',
  'Restore the instance',
  'Read every block',
  'Validate the instance',
  'Delete the scratch instance',
] as const;
const work: Answers = {
  [CHOOSE]: lambdaReturns(chosen),
  [RESTORE]: [lambdaReturns(pending('queued, because a quota is reached')), lambdaReturns(restored)],
  [READ]: [lambdaReturns(halfRead), lambdaReturns(read)],
  [VALIDATE]: lambdaReturns(validated),
  [DELETE]: [lambdaReturns(deleting), lambdaReturns(gone)],
};

/** The runs of a restore test that restores into an RDS instance. */
export function describeInstance({ walk }: Pick<ReturnType<typeof machineUnderTest>, 'walk'>): void {
  const run = (difference: Answers = {}, unreached: readonly string[] = []) => {
    const answers = Object.entries({ ...work, ...difference });
    const reached = Object.fromEntries(answers.filter(([state]) => !unreached.includes(state)));
    return walk(input, { ...opened, ...reached, ...closed });
  };
  const recorded = async (ran: ReturnType<typeof run>) => payloadsOf(await ran, 'Record the run')[0];

  describe('a restore into an instance', () => {
    test('waits for it, reads it in several calls, validates it and waits until it is gone', async () => {
      const ran = await run();
      const ofPoint = { ...ofRun, restoreTest: 'snapshots', recoveryPoint };
      expect(payloadsOf(ran, RESTORE)).toEqual([ofPoint, ofPoint]);
      const reading = { ...ofRun, restoreTest: 'snapshots', instance };
      expect(payloadsOf(ran, READ)).toEqual([
        { ...reading, before: null },
        { ...reading, before: halfRead },
      ]);
      expect(payloadsOf(ran, VALIDATE)).toEqual([
        { ...ofRun, restoreTest: 'snapshots', takenAt: chosen.snapshotAt, between: null, restored, read },
      ]);
      expect(payloadsOf(ran, DELETE)).toEqual([
        { ...ofRun, before: null },
        { ...ofRun, before: deleting },
      ]);
      expect(payloadsOf(ran, 'Record the run')).toMatchObject([
        {
          outcome: 'verified',
          reason: '9 checks passed',
          steps: { choose: chosen, restore: restored, read, validate: validated, tearDown: gone },
        },
      ]);
      expect(ran.terminal).toBe('RestoreVerified');
    });

    test('of a moment is told between which heartbeats it lies', async () => {
      const between = { before: '2026-03-01T01:59:30.000Z', after: '2026-03-01T02:00:30.000Z' };
      const ran = await run({ [CHOOSE]: lambdaReturns({ ...chosen, between }) });
      expect(payloadsOf(ran, VALIDATE)).toMatchObject([{ takenAt: chosen.snapshotAt, between }]);
    });

    test('that RDS cannot make of the recovery point rejects it', async () => {
      const failure = lambdaThrows('InstanceNotRestorable', 'instance "a" is incompatible-restore');
      const ran = await run({ [RESTORE]: failure }, [READ, VALIDATE]);
      expect(payloadsOf(ran, 'Record the run')).toMatchObject([
        {
          outcome: 'rejected',
          reason: 'RDS cannot restore the recovery point: InstanceNotRestorable',
          failure: caughtFrom(failure),
        },
      ]);
      expect(ran).toMatchObject({ terminal: 'RestoreRejected' });
      expect(payloadsOf(ran, DELETE)).toHaveLength(2);
    });

    test.each([
      [RESTORE, 'the instance was not restored', 'InstanceNotUsable', [READ, VALIDATE]],
      [RESTORE, 'the instance was not restored', 'InstanceNotAvailable', [READ, VALIDATE]],
      [RESTORE, 'the instance was not restored', 'SnapshotMissing', [READ, VALIDATE]],
      [READ, 'the instance was not read to its end', 'OutOfTime', [VALIDATE]],
      [VALIDATE, 'the validation did not come to its end', 'DatabaseRefused', []],
    ])(
      'where "%s" fails proves nothing, and deletes the instance',
      async (state, reason, error, unreached) => {
        const failure = lambdaThrows(error, 'as it was');
        const ran = await run({ [state]: failure }, unreached);
        expect(payloadsOf(ran, 'Record the run')).toMatchObject([
          { outcome: 'not-proven', reason: `${reason}: ${error}`, failure: caughtFrom(failure) },
        ]);
        expect(ran.terminal).toBe('RestoreNotProven');
        expect(payloadsOf(ran, DELETE)).toHaveLength(2);
      },
    );

    test('that never can be used ends, even if restore-instance never gives up', async () => {
      const ran = await run({ [RESTORE]: () => lambdaReturns(pending('eu-west-1: creating')) }, [
        READ,
        VALIDATE,
      ]);
      expect(payloadsOf(ran, RESTORE)).toHaveLength(240);
      expect(payloadsOf(ran, 'Record the run')).toMatchObject([
        {
          outcome: 'not-proven',
          reason: 'the instance could not be used when the machine had waited long enough',
          steps: { restore: { waitingFor: 'eu-west-1: creating' } },
        },
      ]);
    });

    test('that is never read to its end is not proven', async () => {
      const ran = await run({ [READ]: () => lambdaReturns(halfRead) }, [VALIDATE]);
      expect(payloadsOf(ran, READ)).toHaveLength(40);
      expect(await recorded(Promise.resolve(ran))).toMatchObject({
        reason: 'not every block was read when the machine had waited long enough',
      });
    });

    test('whose deletion does not end is left to the sweeper, and the verdict stands', async () => {
      const ran = await run({ [DELETE]: () => lambdaReturns(deleting) });
      expect(payloadsOf(ran, DELETE)).toHaveLength(75);
      expect(payloadsOf(ran, 'Record the run')).toMatchObject([
        { outcome: 'verified', steps: { tearDown: deleting } },
      ]);
    });

    test('whose deletion is refused is left behind, and the verdict stands', async () => {
      const failure = lambdaThrows('ScratchNotOurs', 'instance "a" has no tags of this run');
      expect(await recorded(run({ [DELETE]: failure }))).toMatchObject({
        outcome: 'verified',
        steps: { tearDown: { failure: caughtFrom(failure) } },
      });
    });

    test.each([
      [RESTORE, transient.lambda, lambdaReturns(restored)],
      [READ, [...transient.lambda, ...transient.database], lambdaReturns(read)],
      [VALIDATE, [...transient.lambda, ...transient.database], lambdaReturns(validated)],
      [DELETE, transient.lambda, lambdaReturns(gone)],
    ] as const)('"%s" goes on after errors that pass', async (state, errors, answer) => {
      for (const error of errors) {
        const ran = await run({ [state]: [fail(error), answer as TaskResult] });
        const [first, second] = argumentsOf(ran, state);
        expect(second, error).toEqual(first);
        expect(ran.terminal).toBe('RestoreVerified');
      }
    });

    describe.each([
      [RESTORE, [READ, VALIDATE], 3, 'RestoreNotProven'],
      [READ, [VALIDATE], 3, 'RestoreNotProven'],
      [VALIDATE, [], 2, 'RestoreNotProven'],
      [DELETE, [], 3, 'RestoreVerified'],
    ] as const)('is given up at "%s"', (state, unreached, retries, terminal) => {
      test.each([
        ['Lambda.ServiceException', retries],
        ['Lambda.TooManyRequestsException', 8],
      ])('where %s stays after %i retries', async (error, most) => {
        const answers = { [state]: failures(most + 1, fail(error, 'no')) };
        expect(await run(answers, unreached)).toMatchObject({ terminal });
      });
    });

    test.each([READ, VALIDATE])(
      '"%s" is woken where it is asleep, and given up where it stays so',
      async (state) => {
        const unreached = state === READ ? [VALIDATE] : [];
        const asleep = fail('Lambda.ResourceNotReadyException', 'x');
        expect(await run({ [state]: () => asleep }, unreached)).toMatchObject({
          terminal: 'RestoreNotProven',
        });
      },
    );
  });
}
