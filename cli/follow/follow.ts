import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { type RunEvent, readHistory } from '../../shared/status/execution-events.ts';
import type { RunProgress } from '../../shared/status/tally.ts';

/** Where a follower looks. Both show a run that is going on, and neither touches it. */
export interface Sight {
  /** The whole history of the execution so far. */
  history(): Promise<readonly HistoryEvent[]>;
  /** The last that was reported by the run's tasks. */
  progress(): Promise<RunProgress | null>;
}

/** What a follower sees: an event of the run, or how far its current state has come. */
export type Seen =
  | RunEvent
  | { readonly kind: 'progress'; readonly state: string; readonly progress: RunProgress };

const SHORTEST_MS = 300;
const LONGEST_MS = 1_000;

/** Looking takes this part of the time at most: the history of a long run is long. */
const SHARE = 0.25;

/**
 * Follows an execution to its end, event by event, looking less often the longer nothing happens.
 *
 * What was reported when a state begins is an earlier state's: it is shown once it changes.
 *
 * @param signal stops the following, not the run, and throws the signal's reason
 * @param wait resolves after so many milliseconds, or earlier once the signal is aborted
 */
export async function* follow(
  sight: Sight,
  signal: AbortSignal,
  wait: (milliseconds: number) => Promise<unknown> = (milliseconds) =>
    sleep(milliseconds, undefined, { signal }).catch(() => {}),
): AsyncGenerator<Seen> {
  let told = 0;
  let state: string | null = null;
  let before: string | undefined;
  let pause = SHORTEST_MS;
  for (;;) {
    signal.throwIfAborted();
    const began = performance.now();
    const events = readHistory(await sight.history());
    for (const event of events.slice(told)) {
      if (event.kind === 'entered') {
        state = event.state;
        before = undefined;
      }
      if (event.kind === 'left') state = null;
      yield event;
      if (event.kind === 'ended') return;
    }
    let moved = events.length > told;
    told = events.length;

    const progress = state === null ? null : await sight.progress();
    const report = JSON.stringify(progress);
    before ??= report;
    if (state !== null && progress && report !== before) {
      before = report;
      moved = true;
      yield { kind: 'progress', state, progress };
    }
    pause = moved ? SHORTEST_MS : Math.min(pause * 1.3, LONGEST_MS);
    const looking = performance.now() - began;
    await wait(Math.max(pause, looking / SHARE - looking));
  }
}
