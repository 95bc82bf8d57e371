import { describe, expect, it } from 'vitest';
import type { FinishedRun } from '../../../cli/follow/run-machine.ts';
import { Shown, type Text } from '../../../cli/render/shown.ts';
import { showVerdict } from '../../../cli/render/verdict.ts';
import type { EvidenceOf } from '../../../shared/run/evidence.ts';
import { recordingScreen } from './recording-screen.ts';
import { replayed } from './replay-evidence.ts';

const verified: EvidenceOf<'restore-test'> = {
  format: 'lifeboat-evidence-1',
  machine: 'restore-test',
  runId: 'restore-test-20261122T040000Z-3f9a1c',
  executionArn: 'arn:execution',
  startedBy: 'drill',
  startedAt: '2026-11-22T04:00:00.000Z',
  finishedAt: '2026-11-22T04:00:09.000Z',
  workload: 'mailblast',
  subject: 'nightly',
  planVersion: '50e60cf13fa4',
  outcome: 'verified',
  reason: '25 checks passed',
  failure: null,
  leftBehind: null,
  incident: { failedAt: '2026-11-22T03:59:58.000Z', scenario: 'database-corruption' },
  recoveryPoint: '20261122T035950Z-1e53f3ee-da6058ef',
  phases: [
    { name: 'load', seconds: 2.1 },
    { name: 'tearDown', seconds: 0.1 },
  ],
  steps: {
    load: {
      startedAt: '2026-11-22T04:00:02.000Z',
      finishedAt: '2026-11-22T04:00:04.100Z',
      tables: 15,
      rows: 137_396,
      rawBytes: 33_100_000,
      notices: [],
    },
  },
  account: null,
  checks: [],
  objectives: {
    scenario: 'database-corruption',
    rpo: { basis: 'measured', seconds: 1.9, targetSeconds: 900, met: true },
    rto: { basis: 'measured', seconds: 1_500, targetSeconds: 1_200, met: false },
  },
};

const finished: FinishedRun = {
  machine: 'restore-test',
  runId: verified.runId,
  executionArn: verified.executionArn,
  end: { status: 'SUCCEEDED', error: null, cause: null },
  evidence: verified,
  evidenceLocation: 's3://vault/evidence/restore-test/run.json',
  evidenceProblem: null,
};

function shown(run: Partial<FinishedRun>): string {
  const screen = recordingScreen();
  showVerdict(screen, { ...finished, ...run });
  return screen.text();
}

describe('the verdict of a run', () => {
  it('says what was measured beside the target, and how it was measured', () => {
    expect(shown({})).toContain('RESTORE VERIFIED  25 checks passed');
    expect(shown({})).toMatch(/RPO +1\.9s, target 15m: met \(measured\)/);
    expect(shown({})).toMatch(/RTO +25m, target 20m: MISSED \(measured\)/);
  });

  it('says how much data it speaks of, how long each phase took, and where the evidence lies', () => {
    expect(shown({})).toContain('15 tables, 137,396 rows, 33.1 MB');
    expect(shown({})).toContain('load 2.1s, tear down 100ms');
    expect(shown({})).toContain('s3://vault/evidence/restore-test/run.json');
  });

  it('lists checks that failed or could not be run, with what was expected and found', () => {
    const text = shown({
      end: { status: 'FAILED', error: 'RestoreRejected', cause: 'rows differ' },
      evidence: {
        ...verified,
        outcome: 'rejected',
        reason: 'campaigns: expected 12 rows, found 11',
        checks: [
          { kind: 'tables', name: 'users', outcome: 'passed', expected: '3 rows', found: '3 rows' },
          { kind: 'tables', name: 'campaigns', outcome: 'failed', expected: '12 rows', found: '11 rows' },
          { kind: 'indexes', name: 'amcheck', outcome: 'not-run', expected: 'extension', found: 'none' },
        ],
      },
    });
    expect(text).toContain('BACKUP REJECTED');
    expect(text).toMatch(/campaigns +│ failed +│ 12 rows +│ 11 rows/);
    expect(text).toMatch(/amcheck +│ could not be run/);
    expect(text).not.toMatch(/users +│/);
  });

  it('names the cause beside the reason: the name of an error alone says little', () => {
    const text = shown({
      end: { status: 'FAILED', error: 'RestoreNotProven', cause: 'x' },
      evidence: {
        ...verified,
        outcome: 'not-proven',
        reason: 'the recovery point could not be loaded: DatabaseError',
        failure: { error: 'DatabaseError', cause: 'could not extend file "base/1": No space left on device' },
      },
    });
    expect(text).toMatch(
      /RESTORE NOT PROVEN {2}the recovery point could not be loaded: DatabaseError: could not extend file .*: No space left/,
    );
  });

  it('lists what the test says nothing of, though everything passed', () => {
    const text = shown({
      evidence: {
        ...verified,
        checks: [
          {
            kind: 'coverage',
            name: 'grants on 2 objects',
            outcome: 'left-out',
            expected: 'in the source',
            found: 'never carried to a scratch server',
          },
        ],
      },
    });
    expect(text).toMatch(
      /grants on 2 objects +│ left out +│ in the source +│ never carried to a scratch server/,
    );
  });

  it('is never good where nobody could be told, whatever the evidence says', () => {
    const text = shown({ end: { status: 'FAILED', error: 'OutcomeNotAnnounced', cause: 'topic is gone' } });
    expect(text).toContain('OutcomeNotAnnounced: topic is gone');
    expect(text).not.toContain('RESTORE VERIFIED');
  });

  it('is the end of the execution where there is no evidence, with the reason that there is none', () => {
    const text = shown({
      end: { status: 'TIMED_OUT', error: null, cause: null },
      evidence: null,
      evidenceProblem: 'the run left none',
    });
    expect(text).toContain('restore-test TIMED_OUT');
    expect(text).toContain('the run left none');
  });

  it('of a replay has its account, what is unknown, and what is left in the queue', () => {
    const text = shown({ machine: 'replay', evidence: replayed });
    expect(text).toContain('REPLAYED  the queue has no more');
    expect(text).toContain('20 received = 15 delivered + 3 duplicates + 2 quarantined + 0 returned');
    expect(text).toMatch(/unknown +1 request sent again because an answer never came/);
    expect(text).toMatch(/left in queue +3 messages/);
    expect(text).not.toMatch(/recovery point/);
  });

  it('of a dry run says what would become of the messages, and has no account', () => {
    const evidence = { ...replayed, outcome: 'dry-run' as const, account: null };
    const text = shown({ machine: 'replay', evidence });
    expect(text).toContain('DRY RUN');
    expect(text).toMatch(/│ +8 │ sent, unless the application has it/);
    expect(text).toMatch(/│ +1 │ not sent: delivered before, or twice in the queue/);
    expect(text).toMatch(/│ +1 │ to quarantine: too old/);
    expect(text).not.toContain('received =');
  });

  it('of a replay that stopped itself is no good one', () => {
    const painted: [unknown, string][] = [];
    const screen = {
      ...recordingScreen(),
      paint: (format: unknown, words: Text) => {
        painted.push([format, String(words)]);
        return Shown.of(words);
      },
    };
    showVerdict(screen, {
      ...finished,
      machine: 'replay',
      end: { status: 'FAILED', error: 'ReplayStopped', cause: 'the target is unhealthy' },
      evidence: { ...replayed, outcome: 'stopped', reason: 'the target is unhealthy' },
    });
    expect(painted).toContainEqual([['bold', 'red'], 'REPLAY STOPPED']);
  });

  it.each([
    ['rehydrated', 'SUCCEEDED', 'QUEUE FILLED AGAIN'],
    ['failed', 'FAILED', 'QUEUE NOT FILLED'],
  ] as const)('of a rehydration that is %s is %s', (outcome, status, headline) => {
    const evidence = {
      ...replayed,
      machine: 'rehydrate' as const,
      outcome,
      steps: {},
      account: null,
      objectives: null,
    };
    const text = shown({ machine: 'rehydrate', evidence, end: { status, error: null, cause: null } });
    expect(text).toContain(headline);
  });
});
