import { lastLines } from 'process-kit/spawn-logged';
import type { Death } from '../local/runs.ts';
import type { LocalAws, StartOptions } from '../local/start.ts';
import { LifeboatError } from '../shared/errors/lifeboat-error.ts';
import type { FoundPlan } from './find-plan.ts';
import { Interrupted } from './interruption.ts';
import type { Screen } from './render/screen.ts';
import { createStepList } from './render/steps.ts';
import { openWorkload, type Workload } from './workload.ts';

/** The stage that a local AWS deploys to. */
export const LOCAL_STAGE = 'local';

/**
 * Starts a local AWS with its steps on the screen.
 * A Ctrl-C during the start throws Interrupted, whatever other error it causes.
 */
export async function startOnScreen(
  found: FoundPlan,
  screen: Screen,
  signal: AbortSignal,
  options: Pick<StartOptions, 'functions' | 'waitScale' | 'standby'> = {},
): Promise<LocalAws> {
  // Imported on demand: it loads more slowly than the rest of the CLI, and most commands do not need it.
  const { startLocalAws } = await import('../local/start.ts');
  try {
    const aws = await startLocalAws({
      plan: found.path,
      ...options,
      report: createStepList(screen, Date.now),
    });
    if (!signal.aborted) return aws;
    await aws.stop();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw new Interrupted('Interrupted while the local AWS was starting; nothing of it is left.');
}

/** A program of the local AWS ended by itself: nothing that was tried on it afterwards is proven. */
export class LocalPartDied extends LifeboatError {
  override readonly name = 'LocalPartDied';
  override readonly kind = 'unavailable';

  private constructor({ part, reason, logFile }: Death, log: string) {
    super(`"${part}" of the local AWS ended by itself: ${reason}. Its log, ${logFile}, ends:\n${log}`);
  }

  static async from(death: Death): Promise<LocalPartDied> {
    return new LocalPartDied(death, await lastLines(death.logFile));
  }
}

/** Works on a local AWS for as long as all its programs run. @throws LocalPartDied with the end of the log */
export async function whileAllLive<T>(aws: Pick<LocalAws, 'onDeath'>, work: () => Promise<T>): Promise<T> {
  const died = new Promise<never>((_, reject) => {
    aws.onDeath((death) => void LocalPartDied.from(death).then(reject, reject));
  });
  died.catch(() => {}); // after the work it is of no interest
  return await Promise.race([work(), died]);
}

/** Opens the deployment on a local AWS as its root user. */
export function openOn(aws: LocalAws, found: FoundPlan): Promise<Workload> {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
    aws.environment;
  return openWorkload(found, LOCAL_STAGE, {
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: { accessKeyId, secretAccessKey },
  });
}

/** Resolves when the person presses Ctrl-C. */
export function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const awake = setInterval(() => {}, 60_000); // nothing else keeps the process alive
    signal.addEventListener('abort', () => {
      clearInterval(awake);
      resolve();
    });
  });
}
