import { describe, expect, test } from 'vitest';
import type { handler as chooseRecoveryPoint } from '../../functions/restore/choose-recovery-point.ts';
import type { handler as deleteInstance } from '../../functions/restore/delete-instance.ts';
import type { handler as handOverInstance } from '../../functions/restore/hand-over-instance.ts';
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

const input = { restore: 'instance', into: 'shop-restored', startedBy: 'operator ada@workstation' };
const recoveryPoint = '20260301T025900Z';
const ofRun = { runId: 'nightly-1', runStartedAt: startedAt };
const looked = { startedAt, finishedAt: '2026-03-01T03:01:00.000Z' };
const between = { before: '2026-03-01T02:58:30.000Z', after: '2026-03-01T02:59:30.000Z' };

const chosen: Answer<typeof chooseRecoveryPoint> = {
  ...looked,
  database: 'main',
  backup: 'moments',
  recoveryPoint,
  snapshotAt: '2026-03-01T02:59:00.000Z',
  candidates: 1,
  hidden: [],
  between,
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
  differences: [],
  expiresAt: '2026-03-02T03:00:00.000Z',
};
const pending: Answer<typeof restoreInstance> = {
  ...restored,
  complete: false,
  waitingFor: 'queued, because a quota is reached',
  instance: null,
  differences: null,
};
const read: Answer<typeof readInstance> = {
  ...looked,
  complete: true,
  next: null,
  bytes: 2_000_000,
  damaged: [],
  unread: [],
};
const halfRead: Answer<typeof readInstance> = {
  ...read,
  complete: false,
  next: { relation: 16_384, block: 8_192 },
};
const validated: Answer<typeof validateInstance> = {
  ...looked,
  verdict: 'verified',
  reason: '9 checks passed',
  checks: 9,
  recoveredTo: between.before,
};
const handedOver: Answer<typeof handOverInstance> = {
  ...looked,
  instance: 'shop-restored',
  complete: true,
  waitingFor: null,
  address: { host: 'shop-restored.example', port: 5432, database: 'shop' },
  login: 'app',
  secret: 'lifeboat/shop/restored/shop-restored/8f14e45f',
  recoveryPoint,
  validated,
};
const renaming: Answer<typeof handOverInstance> = {
  ...handedOver,
  complete: false,
  waitingFor: 'RDS renames it to shop-restored',
  address: null,
  login: null,
};
const deleting: Answer<typeof deleteInstance> = {
  ...looked,
  complete: false,
  dropped: false,
  waitingFor: 'RDS deletes it',
};
const gone: Answer<typeof deleteInstance> = { ...looked, complete: true, dropped: true, waitingFor: null };

const [CHOOSE, RESTORE, READ, VALIDATE, HAND_OVER, DELETE] = [
  'Choose the recovery point',
  'Restore the instance',
  'Read every block',
  'Validate the instance',
  'Hand the instance over',
  'Delete the scratch instance',
] as const;
const work: Answers = {
  [CHOOSE]: lambdaReturns(chosen),
  [RESTORE]: [lambdaReturns(pending), lambdaReturns(restored)],
  [READ]: [lambdaReturns(halfRead), lambdaReturns(read)],
  [VALIDATE]: lambdaReturns(validated),
  [HAND_OVER]: [lambdaReturns(renaming), lambdaReturns(handedOver)],
};
const torn: Answers = { [DELETE]: [lambdaReturns(deleting), lambdaReturns(gone)] };

/** The runs of a restore that stays as an RDS instance. */
export function describeInstanceThatStays({ walk }: Pick<ReturnType<typeof machineUnderTest>, 'walk'>): void {
  const run = (difference: Answers = {}, unreached: readonly string[] = [], more: object = {}) => {
    const answers = Object.entries({ ...work, ...difference });
    const reached = Object.fromEntries(answers.filter(([state]) => !unreached.includes(state)));
    return walk({ ...input, ...more }, { ...opened, ...reached, ...closed });
  };
  const recorded = (ran: Awaited<ReturnType<typeof run>>) => payloadsOf(ran, 'Record the run')[0];

  describe('a restore that stays as an instance', () => {
    test('waits for it, reads and validates it, and hands it over in several calls', async () => {
      const ran = await run();
      const made = { ...ofRun, restore: 'instance', recoveryPoint, into: 'shop-restored', only: [] };
      expect(payloadsOf(ran, RESTORE)).toEqual([made, made]);
      expect(payloadsOf(ran, READ)).toMatchObject([
        { restore: 'instance', instance, before: null },
        { before: halfRead },
      ]);
      expect(payloadsOf(ran, VALIDATE)).toEqual([
        { ...ofRun, restore: 'instance', takenAt: chosen.snapshotAt, between, restored, read },
      ]);
      const { only: _, ...named } = made;
      expect(payloadsOf(ran, HAND_OVER)).toEqual([
        { ...named, validated, before: null },
        { ...named, validated, before: renaming },
      ]);
      expect(recorded(ran)).toMatchObject({
        outcome: 'restored',
        reason: '9 checks passed',
        facts: { recoveryPoint },
        steps: { choose: chosen, restore: restored, read, validate: validated, handOver: handedOver },
      });
      expect(ran.visited).not.toContain(DELETE);
      expect(ran.terminal).toBe('DatabaseRestored');
    });

    test.each([
      ['NameTaken', 'an RDS instance "shop-restored" exists'],
      ['NameUnusable', 'no RDS instance can be named "Shop"'],
      ['PartUnknown', 'a snapshot and a moment are restored whole'],
    ])('whose call is refused by %s makes nothing and deletes nothing', async (error, message) => {
      const ran = await run({ [RESTORE]: lambdaThrows(error, message) }, [READ, VALIDATE, HAND_OVER]);
      expect(recorded(ran)).toMatchObject({
        outcome: 'refused',
        reason: `the instance was not made: ${error}`,
      });
      expect(ran.visited).not.toContain(DELETE);
      expect(ran.terminal).toBe('RestoreRefused');
    });

    test('of which an earlier attempt gave the instance its name is handed over to its end, and not read again', async () => {
      const before = { ...pending, scratch: 'shop-restored', waitingFor: null, handedOver: true };
      const ofOther = { ...handedOver, recoveryPoint: 'the one before' };
      const ran = await run({ [RESTORE]: lambdaReturns(before), [HAND_OVER]: lambdaReturns(ofOther) }, [
        READ,
        VALIDATE,
      ]);
      expect(payloadsOf(ran, HAND_OVER)).toMatchObject([{ validated: null, before: null }]);
      expect(recorded(ran)).toMatchObject({
        outcome: 'restored',
        reason: '9 checks passed',
        facts: { recoveryPoint: 'the one before' },
      });
      expect(ran.terminal).toBe('DatabaseRestored');
    });

    test.each([
      ['rejected', 'CopyRejected', 'blocks: 1 damaged'],
      ['not-proven', 'CopyNotProven', 'no orphans: found that the query failed'],
    ] as const)(
      'whose validation says %s hands nothing over and keeps the instance until its expiry',
      async (verdict, terminal, reason) => {
        const judged = { ...validated, verdict, reason, recoveredTo: null };
        const ran = await run({ [VALIDATE]: lambdaReturns(judged) }, [HAND_OVER]);
        expect(recorded(ran)).toMatchObject({ outcome: verdict, reason });
        expect(ran.visited).not.toContain(DELETE);
        expect(ran).toMatchObject({ status: 'FAILED', error: terminal, cause: reason });
      },
    );

    test.each([
      [RESTORE, 'InstanceNotRestorable', 'rejected', 'RDS cannot restore the recovery point'],
      [RESTORE, 'InstanceNotUsable', 'not-proven', 'the instance was not restored'],
      [RESTORE, 'InstanceRefused', 'not-proven', 'the instance was not restored'],
      [RESTORE, 'InstanceNameTaken', 'not-proven', 'the instance was not restored'],
    ] as const)(
      'where "%s" ends with %s is %s, and deletes what did not come up',
      async (state, error, outcome, reason) => {
        const failure = lambdaThrows(error, 'as it was');
        const ran = await run({ [state]: failure, ...torn }, [READ, VALIDATE, HAND_OVER]);
        expect(recorded(ran)).toMatchObject({
          outcome,
          reason: `${reason}: ${error}`,
          failure: caughtFrom(failure),
          steps: { tearDown: gone },
        });
        expect(payloadsOf(ran, DELETE)).toEqual([
          { ...ofRun, before: null },
          { ...ofRun, before: deleting },
        ]);
      },
    );

    test.each([
      [READ, 'OutOfTime', 'not-proven', 'the instance was not read to its end', [VALIDATE, HAND_OVER]],
      [VALIDATE, 'DatabaseRefused', 'not-proven', 'the validation did not come to its end', [HAND_OVER]],
      [HAND_OVER, 'NameTaken', 'not-handed-over', 'the instance was not handed over', []],
      [HAND_OVER, 'ConnectionNotKept', 'not-handed-over', 'the instance was not handed over', []],
    ] as const)(
      'where "%s" ends with %s is %s, and keeps the instance',
      async (state, error, outcome, reason, unreached) => {
        const failure = lambdaThrows(error, 'as it was');
        const ran = await run({ [state]: failure }, unreached);
        expect(recorded(ran)).toMatchObject({ outcome, reason: `${reason}: ${error}` });
        expect(ran.visited).not.toContain(DELETE);
        expect(ran.status).toBe('FAILED');
      },
    );

    test('that never comes up is deleted when the machine has waited long enough', async () => {
      const ran = await run({ [RESTORE]: () => lambdaReturns(pending), ...torn }, [
        READ,
        VALIDATE,
        HAND_OVER,
      ]);
      expect(payloadsOf(ran, RESTORE)).toHaveLength(240);
      expect(recorded(ran)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the instance could not be used when the machine had waited long enough',
      });
    });

    test('that is never read to its end is kept', async () => {
      const ran = await run({ [READ]: () => lambdaReturns(halfRead) }, [VALIDATE, HAND_OVER]);
      expect(payloadsOf(ran, READ)).toHaveLength(40);
      expect(recorded(ran)).toMatchObject({
        reason: 'not every block was read when the machine had waited long enough',
      });
    });

    test('whose hand-over never ends is not handed over', async () => {
      const ran = await run({ [HAND_OVER]: () => lambdaReturns(renaming) });
      expect(payloadsOf(ran, HAND_OVER)).toHaveLength(190);
      expect(recorded(ran)).toMatchObject({
        outcome: 'not-handed-over',
        reason: 'the instance was not handed over when the machine had waited long enough',
      });
      expect(ran.terminal).toBe('CopyNotHandedOver');
    });

    test.each([
      ['does not end', () => lambdaReturns(deleting), 75],
      ['is refused', lambdaThrows('ScratchNotOurs', 'it has no tags of this run'), 1],
    ] as const)('whose deletion %s is recorded all the same', async (_, answer, calls) => {
      const failed = { [RESTORE]: lambdaThrows('InstanceNotUsable', 'x'), [DELETE]: answer as never };
      const ran = await run(failed, [READ, VALIDATE, HAND_OVER]);
      expect(payloadsOf(ran, DELETE)).toHaveLength(calls);
      expect(recorded(ran)).toMatchObject({ outcome: 'not-proven' });
    });

    test.each([
      [RESTORE, transient.lambda, lambdaReturns(restored)],
      [READ, [...transient.lambda, ...transient.database], lambdaReturns(read)],
      [VALIDATE, [...transient.lambda, ...transient.database], lambdaReturns(validated)],
      [HAND_OVER, [...transient.lambda, 'SecretUnavailable'], lambdaReturns(handedOver)],
    ] as const)('"%s" goes on after errors that pass', async (state, errors, answer) => {
      for (const error of errors) {
        const ran = await run({ [state]: [fail(error), answer as TaskResult] });
        const [first, second] = argumentsOf(ran, state);
        expect(second, error).toEqual(first);
        expect(ran.terminal).toBe('DatabaseRestored');
      }
    });

    describe.each([
      [RESTORE, [READ, VALIDATE, HAND_OVER], torn, 3, 'CopyNotProven'],
      [READ, [VALIDATE, HAND_OVER], {}, 3, 'CopyNotProven'],
      [VALIDATE, [HAND_OVER], {}, 2, 'CopyNotProven'],
      [HAND_OVER, [], {}, 5, 'CopyNotHandedOver'],
    ] as const)('is given up at "%s"', (state, unreached, more, retries, terminal) => {
      test.each([
        ['Lambda.ServiceException', retries],
        ['Lambda.TooManyRequestsException', 8],
      ])('where %s stays after %i retries', async (error, most) => {
        const answers = { ...more, [state]: failures(most + 1, fail(error, 'no')) };
        expect(await run(answers, unreached)).toMatchObject({ terminal });
      });
    });

    test.each([
      ['Lambda.ServiceException', 3],
      ['Lambda.TooManyRequestsException', 8],
    ])('whose deletion fails with %s is recorded after %i retries', async (error, most) => {
      const answers = {
        [RESTORE]: lambdaThrows('InstanceNotUsable', 'x'),
        [DELETE]: failures(most + 1, fail(error, 'no')),
      };
      const ran = await run(answers, [READ, VALIDATE, HAND_OVER]);
      expect(ran).toMatchObject({ terminal: 'CopyNotProven' });
    });

    test.each([READ, VALIDATE])('"%s" is given up where it stays asleep', async (state) => {
      const unreached = state === READ ? [VALIDATE, HAND_OVER] : [HAND_OVER];
      const asleep = fail('Lambda.ResourceNotReadyException', 'x');
      expect(await run({ [state]: () => asleep }, unreached)).toMatchObject({ terminal: 'CopyNotProven' });
    });
  });
}
