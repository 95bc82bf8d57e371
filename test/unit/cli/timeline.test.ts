import { expect, it } from 'vitest';
import { createTimeline } from '../../../cli/render/timeline.ts';
import { EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import { recordingScreen } from './recording-screen.ts';

const COPY = 'Copy the database';
const failure = { error: 'DatabaseUnreachable', cause: 'connect timed out' };
const entered = { kind: 'entered', state: COPY, at: new Date('2026-11-22T04:00:00Z') } as const;

/** A timeline five seconds after the state began, and what its live line says. */
function timeline() {
  let render: (() => string) | null = null;
  const screen = {
    ...recordingScreen(),
    live: (next: (() => string) | null) => {
      render = next;
    },
  };
  const show = createTimeline(screen, () => Date.parse('2026-11-22T04:00:05Z'));
  return { screen, show, live: () => render?.() ?? null };
}

it('shows live what is being done and for how long', () => {
  const { show, live } = timeline();
  show(entered);
  expect(live()).toBe('Copy the database 5s');
  show({
    kind: 'progress',
    state: COPY,
    progress: { doing: 'copying rows', bytes: 45_000_000, tasksDone: 12, tasksTotal: 24 },
  });
  expect(live()).toBe('Copy the database 5s · copying rows, 45 MB, 12 of 24');
});

it('shows a failed attempt with its error, that it waits, and the next attempt', () => {
  const { screen, show, live } = timeline();
  show(entered);
  show({ kind: 'attempt-failed', state: COPY, attempt: 1, failure });
  expect(live()).toBe('Copy the database 5s · waiting to try again');
  show({ kind: 'retried', state: COPY, attempt: 2 });
  expect(live()).toBe('Copy the database 5s');
  expect(screen.text()).toContain('attempt 1 failed: DatabaseUnreachable: connect timed out');
  expect(screen.text()).toContain('attempt 2');
});

it('tells a state whose error was caught from one that did its work', () => {
  const { screen, show, live } = timeline();
  show({ kind: 'left', state: COPY, tookMs: 2_400, caught: null });
  show({ kind: 'left', state: COPY, tookMs: 100, caught: failure });
  expect(live()).toBeNull();
  expect(screen.text()).toMatch(/✔ Copy the database +2\.4s/);
  expect(screen.text()).toMatch(/✖ Copy the database +100ms {3}caught: DatabaseUnreachable/);
});

it('shows which of several workers failed, and goes on with the state', () => {
  const { screen, show, live } = timeline();
  show({ ...entered, state: 'Drain the queue' });
  show({ kind: 'worker-failed', state: 'Drain the queue', worker: 1, failure });
  show({ kind: 'worker-failed', state: 'Drain the queue', worker: null, failure });
  expect(live()).toBe('Drain the queue 5s');
  expect(screen.text()).toContain('Drain the queue: worker 1 failed: DatabaseUnreachable: connect timed out');
  expect(screen.text()).toContain('Drain the queue: a worker failed');
});

it('shows how far a replay has come', () => {
  const { show, live } = timeline();
  show({ ...entered, state: 'Drain the queue' });
  const account = { ...EMPTY_ACCOUNT, received: 30, delivered: 20, duplicates: 5 };
  show({ kind: 'progress', state: 'Drain the queue', progress: { account, expected: 100 } });
  expect(live()).toBe('Drain the queue 5s · 25 of 100 messages: 20 delivered, 5 duplicates');
});
