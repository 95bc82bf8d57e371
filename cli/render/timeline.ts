import type { RunProgress } from '../../shared/status/tally.ts';
import { visible } from '../../shared/text/visible.ts';
import type { Seen } from '../follow/follow.ts';
import { addSample, perSecond, type Sample } from '../follow/rate.ts';
import { measured, reportInWords } from './report.ts';
import type { Screen } from './screen.ts';
import { type Shown, shown, type Text } from './shown.ts';
import { padded } from './width.ts';
import { took } from './words.ts';

const NAME_WIDTH = 34;
const TIME_WIDTH = 7;

/** One finished step: `✔ Copy the database     2.4s  98 MB`. */
export function doneLine(paint: Screen['paint'], name: string, tookMs: number | null, detail = ''): Shown {
  return stepLine(paint, paint('green', '✔'), name, tookMs, paint('dim', detail));
}

/** One step that ended with an error. */
export function failedLine(paint: Screen['paint'], name: string, tookMs: number | null, detail = ''): Shown {
  return stepLine(paint, paint('red', '✖'), name, tookMs, detail);
}

function stepLine(
  paint: Screen['paint'],
  mark: Text,
  name: string,
  tookMs: number | null,
  detail: Text,
): Shown {
  const time = (tookMs === null ? '' : took(tookMs)).padStart(TIME_WIDTH);
  return shown`  ${mark} ${padded(visible(name), NAME_WIDTH)} ${paint('dim', time)}   ${detail}`.trimEnd();
}

/**
 * Shows a run while it is followed. Each state that ends gets a line with its time; errors and new attempts appear at
 * once; the live line shows the current work.
 */
export function createTimeline(screen: Screen, now: () => number): (seen: Seen) => void {
  const { paint } = screen;
  let latest: RunProgress | null = null;
  let samples: readonly Sample[] = [];
  let waiting = false;
  return (seen) => {
    switch (seen.kind) {
      case 'entered': {
        const began = seen.at.getTime();
        latest = null;
        samples = [];
        waiting = false;
        if (!screen.interactive) screen.aside(`  → ${seen.state}`);
        screen.live(() => {
          const progress = latest ? ` · ${reportInWords(latest, perSecond(samples))}` : '';
          const doing = waiting ? ' · waiting to try again' : progress;
          const elapsed = Math.floor((now() - began) / 100) * 100;
          return `${seen.state} ${took(elapsed)}${doing}`;
        });
        return;
      }
      case 'progress':
        latest = seen.progress;
        samples = addSample(samples, { at: now(), ...measured(seen.progress) });
        return;
      case 'attempt-failed':
        waiting = true; // or about to be caught, which shows immediately
        latest = null;
        samples = [];
        screen.aside(
          shown`  ${paint('yellow', '!')} ${seen.state}: attempt ${seen.attempt} failed: ${seen.failure.error}: ${seen.failure.cause}`,
        );
        return;
      case 'retried':
        waiting = false;
        screen.aside(shown`  ${paint('yellow', '↻')} ${seen.state}: attempt ${seen.attempt}`);
        return;
      case 'worker-failed': {
        const which = seen.worker === null ? 'a worker' : `worker ${seen.worker}`;
        const { error, cause } = seen.failure;
        screen.aside(shown`  ${paint('yellow', '!')} ${seen.state}: ${which} failed: ${error}: ${cause}`);
        return;
      }
      case 'left':
        screen.live(null);
        screen.aside(
          seen.caught
            ? failedLine(paint, seen.state, seen.tookMs, `caught: ${seen.caught.error}`)
            : doneLine(paint, seen.state, seen.tookMs),
        );
        return;
      case 'ended':
        screen.live(null);
    }
  };
}
