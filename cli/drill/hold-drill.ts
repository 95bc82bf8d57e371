import type { Result } from '../action.ts';
import type { ExitCode } from '../exit-code.ts';
import type { FoundPlan } from '../find-plan.ts';
import { Interrupted, interruptible } from '../interruption.ts';
import { openOn, startOnScreen, untilInterrupted } from '../local-aws.ts';
import { showChapter } from '../render/chapter.ts';
import { showGuide } from '../render/guide.ts';
import type { Screen } from '../render/screen.ts';
import { showStep } from '../render/steps.ts';
import { fact } from '../render/verdict.ts';
import { took } from '../render/words.ts';
import type { Sample } from './sample.ts';
import type { Scene } from './scene.ts';

/** One drill, and what is said around it. */
export interface DrillOrder<Report> {
  readonly found: FoundPlan;
  readonly sample: Sample;
  readonly screen: Screen;
  readonly title: string;
  /** What a person may look at where the AWS is left up afterwards; null where it is not. */
  readonly keep: { readonly verbs: readonly string[]; readonly words: string } | null;
  /** The drill itself, on an AWS that is up. */
  readonly run: (scene: Scene) => Promise<Report>;
  /** Said at the end. */
  readonly remark: string;
}

/** Holds a drill on an AWS that lives as long as the drill. Nothing is left of it, also where it is interrupted. */
export async function holdDrill<Report extends { readonly exitCode: ExitCode }>({
  found,
  sample,
  screen,
  title,
  keep,
  run,
  remark,
}: DrillOrder<Report>): Promise<Result> {
  const began = Date.now();
  const signal = interruptible();
  const { paint } = screen;
  screen.line();
  screen.line(`${paint('bold', title)}  on an AWS inside this machine; nothing outside of it is touched`);
  showChapter(screen, 1, 'A local AWS, with the plan deployed to it');
  const aws = await startOnScreen(found, screen, signal);
  try {
    const workload = await openOn(aws, found);
    const report = await run({ aws, workload, sample, screen, signal }).finally(() => workload.close());
    const seconds = (Date.now() - began) / 1_000;
    screen.line();
    screen.line(fact(screen, 'the whole drill', took(seconds * 1_000)));
    screen.line();
    screen.line(paint('dim', `  ${remark}`));
    if (keep) {
      const { plan, path: planPath } = found;
      showGuide(screen, { aws, plan, planPath, verbs: keep.verbs }, process.env);
      screen.line();
      screen.line(`${keep.words} Ctrl-C tears everything down.`);
      await untilInterrupted(signal); // the end that was asked for: the exit code stays the drill's
    }
    return { exitCode: report.exitCode, document: { ...report, seconds } };
  } catch (error) {
    throw signal.aborted
      ? new Interrupted('Interrupted: nothing is proven, and nothing of the drill is left.')
      : error;
  } finally {
    screen.line();
    await showStep(screen, 'everything torn down', () => aws.stop());
  }
}
