import type { Step } from '../../local/steps.ts';
import type { Screen } from './screen.ts';
import { doneLine } from './timeline.ts';
import { took } from './words.ts';

/** The steps of starting the local AWS, worded for people new to it. */
const WORDS: Readonly<Record<string, string>> = {
  source: 'PostgreSQL of the application',
  scratch: 'PostgreSQL for restores',
  ministack: 'MiniStack, for the AWS APIs',
  bundle: 'Lambda functions bundled',
  secrets: 'databases, roles, secrets',
  queues: 'queues and topics',
  deploy: 'serverless deploy',
};

/** Shows parallel steps: a line for each finished step, with the unfinished ones in the live line. */
export function createStepList(screen: Screen, now: () => number): (step: Step) => void {
  const running = new Map<string, { began: number; detail: string }>();
  return ({ name, state, detail = '' }) => {
    const words = WORDS[name] ?? name;
    const began = running.get(words)?.began ?? now();
    if (state === 'started') running.set(words, { began, detail });
    else {
      running.delete(words);
      screen.line(doneLine(screen.paint, words, now() - began));
    }
    screen.live(
      running.size === 0
        ? null
        : () =>
            [...running]
              .map(([each, { began, detail }]) => `${each} ${took(now() - began)}${detail && ` · ${detail}`}`)
              .join(', '),
    );
  };
}

/** Runs one step of a command and shows it during and after. The work's result says what to add to its line. */
export async function showStep<T>(
  screen: Screen,
  name: string,
  work: () => Promise<T>,
  tell: (result: T) => string = () => '',
): Promise<T> {
  const began = Date.now();
  screen.live(() => `${name} ${took(Math.floor((Date.now() - began) / 100) * 100)}`);
  try {
    const result = await work();
    screen.live(null);
    screen.line(doneLine(screen.paint, name, Date.now() - began, tell(result)));
    return result;
  } finally {
    screen.live(null);
  }
}
