import { describe, expect, it } from 'vitest';
import { follow, type Seen, type Sight } from '../../../cli/follow/follow.ts';
import { Interrupted } from '../../../cli/interruption.ts';
import type { Progress } from '../../../shared/progress/progress.ts';
import { EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import { dealtWith, type RunProgress } from '../../../shared/status/tally.ts';
import { entered, exited, historyOf, scheduled, started, succeeded } from '../status/execution-history.ts';

const copying = (bytes: number): Progress => ({ doing: 'copying rows', bytes, tasksDone: 1, tasksTotal: 9 });

const whole = historyOf(
  started,
  entered('Copy the database'),
  scheduled,
  succeeded,
  exited('Copy the database'),
  entered('Prove what was stored'),
  scheduled,
  succeeded,
  exited('Prove what was stored'),
  { type: 'ExecutionSucceeded' },
);

const noTime = async () => {};

/** A run that is one step further at each look: how long its history is, and what progress stands in the journal. */
function sightOf(
  looks: readonly { readonly events: number; readonly progress: RunProgress | null }[],
): Sight {
  let look = -1;
  return {
    async history() {
      look += 1;
      return whole.slice(0, looks[look]?.events);
    },
    progress: async () => looks[look]?.progress ?? null,
  };
}

async function seenOf(sight: Sight): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const each of follow(sight, new AbortController().signal, noTime)) seen.push(each);
  return seen;
}

const inWords = (seen: Seen) =>
  seen.kind === 'progress'
    ? `${seen.state}: ${'bytes' in seen.progress ? seen.progress.bytes : dealtWith(seen.progress.account)}`
    : 'state' in seen
      ? `${seen.kind} ${seen.state}`
      : seen.kind;

describe('following a run', () => {
  it('tells every event once and ends with the run', async () => {
    const seen = await seenOf(
      sightOf([
        { events: 2, progress: null },
        { events: 3, progress: null },
        { events: 10, progress: null },
      ]),
    );
    expect(seen.map(inWords)).toEqual([
      'entered Copy the database',
      'left Copy the database',
      'entered Prove what was stored',
      'left Prove what was stored',
      'ended',
    ]);
  });

  it('tells progress when it changes, and never the progress of an earlier state as that of the next', async () => {
    const seen = await seenOf(
      sightOf([
        { events: 3, progress: null },
        { events: 3, progress: copying(10) },
        { events: 3, progress: copying(10) },
        { events: 6, progress: copying(20) },
        { events: 7, progress: copying(20) },
        { events: 10, progress: null },
      ]),
    );
    expect(seen.filter(({ kind }) => kind === 'progress').map(inWords)).toEqual(['Copy the database: 10']);
  });

  it('tells how far a replay has come each time that its workers have saved more', async () => {
    const delivered = (messages: number): RunProgress => ({
      account: { ...EMPTY_ACCOUNT, received: messages, delivered: messages },
      expected: 90,
    });
    const seen = await seenOf(
      sightOf([
        { events: 3, progress: null },
        { events: 3, progress: delivered(30) },
        { events: 3, progress: delivered(60) },
        { events: 10, progress: null },
      ]),
    );
    expect(seen.filter(({ kind }) => kind === 'progress').map(inWords)).toEqual([
      'Copy the database: 30',
      'Copy the database: 60',
    ]);
  });

  it('stops with the reason of the signal, without waiting for the run', async () => {
    const controller = new AbortController();
    const seen: Seen[] = [];
    const following = (async () => {
      for await (const each of follow(sightOf([{ events: 2, progress: null }]), controller.signal)) {
        seen.push(each);
        controller.abort(new Interrupted('Interrupted.'));
      }
    })();
    await expect(following).rejects.toThrow(Interrupted);
    expect(seen.map(inWords)).toEqual(['entered Copy the database']);
  });
});
