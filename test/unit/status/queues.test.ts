import { expect, it } from 'vitest';
import type { JournalRecord } from '../../../shared/journal/journal.ts';
import { lastReplay } from '../../../shared/status/queues.ts';

const record: JournalRecord = {
  machine: 'replay',
  runId: 'replay-1',
  startedAt: '2026-11-22T04:00:00.000Z',
  startedBy: 'schedule',
  subject: 'webhook-events',
  status: 'running',
  executionArn: 'arn:replay-1',
};

it('takes for the last replay of a queue the newest that did something', () => {
  const replay = record;
  const records = [
    { ...replay, runId: 'goes on' },
    { ...replay, runId: 'looked', status: 'dry-run' },
    { ...replay, runId: 'another queue', subject: 'orders', status: 'replayed' },
    { ...replay, runId: 'newest', status: 'stopped' },
    { ...replay, runId: 'older', status: 'replayed' },
  ];
  expect(lastReplay(records, 'webhook-events')?.runId).toBe('newest');
  expect(lastReplay(records.slice(0, 3), 'webhook-events')).toBeNull();
});
