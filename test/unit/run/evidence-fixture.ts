import type { EvidenceOf } from '../../../shared/run/evidence.ts';

const runId = 'restore-test-20261005';

/** The evidence of a restore test that went well. A test states only what differs. */
export const evidence: EvidenceOf<'restore-test'> = {
  format: 'lifeboat-evidence-1',
  machine: 'restore-test',
  runId,
  executionArn: `arn:aws:states:us-east-1:111122223333:execution:mailblast-restore-test:${runId}`,
  startedBy: 'schedule nightly-restore-test',
  startedAt: '2026-10-05T04:00:00.000Z',
  finishedAt: '2026-10-05T04:03:20.000Z',
  workload: 'mailblast',
  subject: 'nightly',
  planVersion: '0123456789ab',
  outcome: 'verified',
  reason: '12 checks passed',
  failure: null,
  leftBehind: null,
  incident: null,
  recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
  phases: [
    { name: 'load', seconds: 91.5 },
    { name: 'validate', seconds: 40 },
  ],
  steps: {},
  account: null,
  checks: [],
  objectives: {
    scenario: 'database-corruption',
    rpo: { basis: 'estimated', seconds: 7_230, targetSeconds: 900, met: false },
    rto: { basis: 'estimated', seconds: 185.25, targetSeconds: 1_200, met: true },
  },
};
