import { describe, expect, test } from 'vitest';
import type { handler as chooseRecoveryPoint } from '../../functions/restore/choose-recovery-point.ts';
import type { handler as createScratch } from '../../functions/restore/create-scratch.ts';
import type { handler as deleteInstance } from '../../functions/restore/delete-instance.ts';
import type { handler as loadScratch } from '../../functions/restore/load-scratch.ts';
import type { handler as restoreInstance } from '../../functions/restore/restore-instance.ts';
import type { handler as validateRestore } from '../../functions/restore/validate-restore.ts';
import { lambdaReturns, lambdaThrows } from '../simulator/simulate.ts';
import { closed, opened } from './describe-run-keeping.ts';
import type { Answer } from './functions.ts';
import {
  type Answers,
  caughtFrom,
  type machineUnderTest,
  payloadsOf,
  startedAt,
} from './machine-under-test.ts';

const input = { restoreTest: 'snapshots', startedBy: 'schedule snapshots-restore-test' };
const recoveryPoint = '20260301T030000Z-5f0c1a2b-9d8e7f6a';
const expiresAt = '2026-03-01T07:00:05.000Z';
const looked = { startedAt, finishedAt: '2026-03-01T03:01:00.000Z' };

const chosen: Answer<typeof chooseRecoveryPoint> = {
  ...looked,
  database: 'main',
  backup: 'full',
  recoveryPoint,
  snapshotAt: '2026-03-01T02:00:02.000Z',
  candidates: 30,
};
const instance = {
  name: 'lifeboat-scratch-5f0c1a2b9d8e7f6a',
  host: 'scratch.example',
  port: 5432,
  dbname: 'postgres',
  loginSecret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1',
};
const empty: Answer<typeof restoreInstance> = {
  ...looked,
  scratch: instance.name,
  complete: true,
  waitingFor: null,
  instance,
  differences: null,
  isEmpty: true,
};
const creating: Answer<typeof restoreInstance> = {
  ...empty,
  complete: false,
  waitingFor: 'eu-west-1: creating',
  instance: null,
  isEmpty: undefined,
};
const created: Answer<typeof createScratch> = { ...looked, scratch: 'lifeboat_scratch_1', expiresAt };
const loaded: Answer<typeof loadScratch> = { ...looked, tables: 2, rows: 9, rawBytes: 900, notices: [] };
const validated: Answer<typeof validateRestore> = {
  ...looked,
  verdict: 'verified',
  reason: '21 checks passed',
  checks: 21,
  recoveredTo: '2026-03-01T01:59:30.000Z',
};
const gone: Answer<typeof deleteInstance> = { ...looked, complete: true, dropped: true, waitingFor: null };

const [CHOOSE, RESTORE, CREATE, LOAD, VALIDATE, DELETE] = [
  'Choose a recovery point',
  'Restore the instance',
  'Create the scratch database',
  'Load the scratch database',
  'Validate the restored copy',
  'Delete the scratch instance',
] as const;
const work: Answers = {
  [CHOOSE]: lambdaReturns(chosen),
  [RESTORE]: [lambdaReturns(creating), lambdaReturns(empty)],
  [CREATE]: lambdaReturns(created),
  [LOAD]: lambdaReturns(loaded),
  [VALIDATE]: lambdaReturns(validated),
  [DELETE]: lambdaReturns(gone),
};

/** The runs of a restore test that loads a logical backup into an RDS instance of its own. */
export function describeEmptyInstance({ walk }: Pick<ReturnType<typeof machineUnderTest>, 'walk'>): void {
  const run = (difference: Answers = {}, unreached: readonly string[] = []) => {
    const answers = Object.entries({ ...work, ...difference });
    const reached = Object.fromEntries(answers.filter(([state]) => !unreached.includes(state)));
    return walk(input, { ...opened, ...reached, ...closed });
  };

  describe('a logical backup in an instance of its own', () => {
    test('is loaded once the empty instance is available, validated there, and goes with the instance', async () => {
      const ran = await run();
      const ofPoint = {
        runId: 'nightly-1',
        runStartedAt: startedAt,
        restoreTest: 'snapshots',
        recoveryPoint,
      };
      expect(payloadsOf(ran, RESTORE)).toEqual([ofPoint, ofPoint]);
      expect(payloadsOf(ran, CREATE)).toEqual([{ ...ofPoint, instance }]);
      expect(payloadsOf(ran, LOAD)).toEqual([{ ...ofPoint, instance, expiresAt }]);
      expect(payloadsOf(ran, VALIDATE)).toEqual([{ ...ofPoint, instance }]);
      expect(ran.visited).not.toContain('Tear down the scratch database');
      expect(ran.visited).not.toContain('Read every block');
      expect(payloadsOf(ran, 'Record the run')).toMatchObject([
        {
          outcome: 'verified',
          steps: { restore: empty, create: created, load: loaded, validate: validated, tearDown: gone },
        },
      ]);
      expect(ran.terminal).toBe('RestoreVerified');
    });

    test.each([
      [RESTORE, 'InstanceRefused', 'not-proven', [CREATE, LOAD, VALIDATE]],
      [RESTORE, 'InstanceNotUsable', 'not-proven', [CREATE, LOAD, VALIDATE]],
      [RESTORE, 'InstanceNotAvailable', 'not-proven', [CREATE, LOAD, VALIDATE]],
      [RESTORE, 'ManifestDamaged', 'rejected', [CREATE, LOAD, VALIDATE]],
      [CREATE, 'ScratchUnsuitable', 'not-proven', [LOAD, VALIDATE]],
      [CREATE, 'ManifestDamaged', 'rejected', [LOAD, VALIDATE]],
      // What PostgreSQL says of a full disk: 53100.
      [LOAD, 'DatabaseRefused', 'not-proven', [VALIDATE]],
      [LOAD, 'RecoveryPointDamaged', 'rejected', [VALIDATE]],
      [VALIDATE, 'OutOfTime', 'not-proven', []],
      [VALIDATE, 'ManifestDamaged', 'rejected', []],
    ] as const)(
      'where "%s" fails with %s is %s, and deletes the instance',
      async (state, error, outcome, unreached) => {
        const failure = lambdaThrows(error, 'as it was');
        const ran = await run({ [state]: failure }, unreached);
        expect(payloadsOf(ran, 'Record the run')).toMatchObject([{ outcome, failure: caughtFrom(failure) }]);
        expect(ran.terminal).toBe(outcome === 'rejected' ? 'RestoreRejected' : 'RestoreNotProven');
        expect(payloadsOf(ran, DELETE)).toHaveLength(1);
        expect(ran.visited).not.toContain('Tear down the scratch database');
      },
    );

    test('that is never available ends, and is deleted', async () => {
      const ran = await run({ [RESTORE]: () => lambdaReturns(creating) }, [CREATE, LOAD, VALIDATE]);
      expect(payloadsOf(ran, RESTORE)).toHaveLength(240);
      expect(ran.terminal).toBe('RestoreNotProven');
      expect(payloadsOf(ran, DELETE)).toHaveLength(1);
    });

    test('whose deletion is refused is left behind, and the verdict stands', async () => {
      const failure = lambdaThrows('ScratchNotOurs', 'instance "a" has no tags of this run');
      const ran = await run({ [DELETE]: failure });
      expect(payloadsOf(ran, 'Record the run')).toMatchObject([
        { outcome: 'verified', steps: { tearDown: { failure: caughtFrom(failure) } } },
      ]);
    });
  });
}
