import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { type RunEvent, readHistory } from '../../shared/status/execution-events.ts';
import type { RunProgress } from '../../shared/status/tally.ts';

/** The sources that a follower reads. Both describe a run in progress, and neither changes it. */
export interface Sight {
  /** The whole history of the execution so far. */
  history(): Promise<readonly HistoryEvent[]>;
  /** The last progress that the run's tasks reported. */
  progress(): Promise<RunProgress | null>;
}

/** One observation: an event of the run, or the progress of its current state. */
export type Seen =
  | RunEvent
  | { readonly kind: 'progress'; readonly state: string; readonly progress: RunProgress };

const SHORTEST_MS = 300;
const LONGEST_MS = 1_000;

/** Polling takes at most this share of the time, because the history of a long run is long. */
const SHARE = 0.25;

/**
 * Follows an execution until it ends, event by event. It polls less often the longer nothing happens.
 *
 * A report present when a state begins comes from an earlier state: it is shown only after it changes.
 *
 * @param signal stops following, not the run, and throws the signal's reason
 * @param wait resolves after this many milliseconds, or earlier once the signal is aborted
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
