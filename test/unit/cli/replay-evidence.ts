import type { Account } from '../../../shared/replay/account/account.ts';
import type { EvidenceOf } from '../../../shared/run/evidence.ts';

const account: Account = {
  received: 20,
  delivered: 15,
  duplicates: 3,
  quarantined: 2,
  returned: 0,
  unknown: 1,
  attempts: 18,
  sources: {},
  reasons: { 'done-before': 3, refused: 2 },
};

/** The evidence of a replay that came to its end. */
export const replayed: EvidenceOf<'replay'> = {
  format: 'lifeboat-evidence-1',
  machine: 'replay',
  runId: 'replay-webhook-events-3f9a1c55aa771b02',
  executionArn: 'arn:execution',
  startedBy: 'operator ada@workstation',
  startedAt: '2026-11-22T04:00:00.000Z',
  finishedAt: '2026-11-22T04:00:20.000Z',
  workload: 'mailblast',
  subject: 'webhook-events',
  planVersion: '50e60cf13fa4',
  outcome: 'replayed',
  reason: 'the queue has no more',
  failure: null,
  leftBehind: null,
  incident: { failedAt: '2026-11-22T03:55:00.000Z', scenario: 'webhook-failure' },
  recoveryPoint: null,
  phases: [
    { name: 'inspect', seconds: 0.2 },
    { name: 'drain', seconds: 13 },
  ],
  steps: {
    inspect: {
      startedAt: '2026-11-22T04:00:00.300Z',
      finishedAt: '2026-11-22T04:00:00.500Z',
      visible: 20,
      inFlight: 0,
      delayed: 0,
      read: 10,
      wouldBe: { deliver: 8, duplicate: 1, 'too-old': 1 },
      oldest: '2026-11-22T03:55:01.000Z',
      words: '20 messages in the queue, 10 read: 8 deliver, 1 duplicate, 1 too-old',
      subscription: false,
      shares: [{ rate: 100, inFlight: 25 }],
      leaseSeconds: 30,
      deadline: '',
    },
    account: {
      startedAt: '2026-11-22T04:00:18.000Z',
      finishedAt: '2026-11-22T04:00:19.000Z',
      account,
      addsUp: true,
      words: 'received 20 = delivered 15 + duplicates 3 + quarantined 2 + returned 0',
      workers: 1,
      died: 0,
      left: 3,
    },
  },
  checks: [],
  account,
  objectives: {
    scenario: 'webhook-failure',
    rpo: { basis: 'not-measured', seconds: null, targetSeconds: 900, met: null },
    rto: { basis: 'not-measured', seconds: null, targetSeconds: 1_200, met: null },
  },
};
