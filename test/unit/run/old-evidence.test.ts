import { describe, expect, test } from 'vitest';
import { Evidence } from '../../../shared/run/evidence.ts';

/** What the first versions wrote for every kind of run. */
const common = {
  format: 'lifeboat-evidence-1',
  runId: 'nightly-1',
  executionArn: 'arn:aws:states:us-east-1:111122223333:execution:mailblast:nightly-1',
  startedBy: 'schedule',
  startedAt: '2026-03-01T03:00:00.000Z',
  finishedAt: '2026-03-01T03:09:00.000Z',
  workload: 'mailblast',
  planVersion: '50e60cf13fa4',
  failure: null,
  incident: null,
  recoveryPoint: null,
  phases: [{ name: 'copy', seconds: 92.4 }],
  checks: [],
  account: null,
  objectives: null,
};
const took = { startedAt: '2026-03-01T03:00:01.000Z', finishedAt: '2026-03-01T03:00:03.000Z' };
const account = {
  received: 1,
  delivered: 1,
  duplicates: 0,
  quarantined: 0,
  returned: 0,
  unknown: 0,
  attempts: 1,
  reasons: {},
};
const share = { rate: 100, inFlight: 25 };

/** Evidence as it lies in vaults, locked: it can never be written again in another shape. */
const written: readonly object[] = [
  {
    ...common,
    machine: 'backup',
    subject: 'main',
    outcome: 'taken',
    reason: '31 objects are stored, encrypted and locked',
    recoveryPoint: '20260301T030000Z-1f2e3d4c-a1b2c3d4',
    steps: {
      copy: {
        ...took,
        recoveryPoint: '20260301T030000Z-1f2e3d4c-a1b2c3d4',
        snapshotAt: '2026-03-01T03:00:01.000Z',
        heartbeatAt: null,
        tables: 14,
        rows: 137_391,
        rawBytes: 58_000_000,
        storedBytes: 21_000_000,
      },
      prove: { ...took, objects: 31, lockedUntil: '2026-04-01T03:00:01.000Z' },
    },
  },
  {
    ...common,
    machine: 'restore-test',
    subject: 'main',
    outcome: 'verified',
    reason: '21 checks passed',
    steps: {
      choose: {
        ...took,
        backup: 'full',
        recoveryPoint: '20260301T030000Z-1f2e3d4c-a1b2c3d4',
        snapshotAt: '2026-03-01T03:00:01.000Z',
        candidates: 7,
      },
      create: { ...took, scratch: 'lifeboat_scratch_8f14e45f', expiresAt: '2026-03-01T05:00:00.000Z' },
      load: { ...took, tables: 14, rows: 137_391, rawBytes: 58_000_000 },
      validate: { ...took, verdict: 'verified', reason: '21 checks passed', checks: 21, recoveredTo: null },
      tearDown: { leftToTheSweeper: 'DatabaseUnreachable: no route' },
    },
  },
  {
    ...common,
    machine: 'replay',
    subject: 'webhook-events',
    outcome: 'replayed',
    reason: 'the queue has no more',
    account,
    steps: {
      inspect: {
        ...took,
        visible: 1,
        inFlight: 0,
        delayed: 0,
        read: 1,
        wouldBe: { deliver: 1 },
        oldest: null,
        words: '1 message in the queue',
        subscription: true,
        shares: [share],
        leaseSeconds: 30,
        deadline: '',
      },
      subscription: { failed: 'SubscriptionRefused', cause: 'not allowed' },
      canary: {
        ...took,
        ended: 'count',
        reason: 'the first 1 were accepted',
        lastFailure: null,
        account,
        settled: 1,
        retryable: 0,
      },
      drain: {
        ...took,
        rounds: 1,
        workers: [
          {
            ended: 'died',
            reason: 'Runtime.ExitError',
            lastFailure: 'none',
            settled: 0,
            retryable: 0,
            share,
          },
          // What is left of a share that took as many as it was asked for.
          {
            ended: 'count',
            reason: '',
            lastFailure: 'none',
            settled: 1,
            retryable: 0,
            share: { ...share, max: 0 },
          },
        ],
      },
      account: { ...took, account, addsUp: true, words: 'received 1', workers: 1, died: 0, left: 0 },
    },
  },
  {
    ...common,
    machine: 'rehydrate',
    subject: 'pending-campaigns',
    outcome: 'rehydrated',
    reason: '120 rows: 90 sent, 30 sent before',
    steps: { fill: { ...took, rows: 120, sent: 90, alreadySent: 30, unknown: 0 } },
  },
];

describe('evidence of the first versions', () => {
  test.each(written.map((each) => [(each as { machine: string }).machine, each] as const))(
    'of a %s stays readable, to the last field',
    (_, evidence) => {
      expect(Evidence.parse(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence);
    },
  );

  test('keeps the answer of a step that this version does not have', () => {
    const [backup] = written;
    const evidence = { ...backup, steps: { copyToStandby: { bytes: 7 } } };
    expect(Evidence.parse(evidence)).toEqual(evidence);
  });

  test('is refused if a step answered what its function cannot answer', () => {
    const [backup] = written;
    expect(Evidence.safeParse({ ...backup, steps: { prove: { ...took, objects: 'many' } } }).success).toBe(
      false,
    );
  });
});
