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
  functions: 'functions that replays deliver to',
  deploy: 'serverless deploy',
  'scratch of the standby': 'PostgreSQL for restores in the standby',
  'deploy the standby': 'serverless deploy to the standby',
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
      screen.aside(doneLine(screen.paint, words, now() - began));
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

/**
 * Runs one step of a command and shows it during and after.
 *
 * @param tell what to add to its line, from the work's result
 * @param progress how far it has come, while it runs
 */
export async function showStep<T>(
  screen: Screen,
  name: string,
  work: () => Promise<T>,
  tell: (result: T) => string = () => '',
  progress: () => string = () => '',
): Promise<T> {
  const began = Date.now();
  screen.live(() => {
    const far = progress();
    return `${name} ${took(Math.floor((Date.now() - began) / 100) * 100)}${far && ` · ${far}`}`;
  });
  try {
    const result = await work();
    screen.live(null);
    screen.aside(doneLine(screen.paint, name, Date.now() - began, tell(result)));
    return result;
  } finally {
    screen.live(null);
  }
}
