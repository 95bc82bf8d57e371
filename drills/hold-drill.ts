import type { Result } from '../cli/action.ts';
import { EXIT, type ExitCode } from '../cli/exit-code.ts';
import type { FoundPlan } from '../cli/find-plan.ts';
import { Interrupted, interruptible } from '../cli/interruption.ts';
import { openOn, startOnScreen, untilInterrupted, whileAllLive } from '../cli/local-aws.ts';
import { showChapter } from '../cli/render/chapter.ts';
import { showGuide } from '../cli/render/guide.ts';
import type { Screen } from '../cli/render/screen.ts';
import { shown } from '../cli/render/shown.ts';
import { showStep } from '../cli/render/steps.ts';
import { fact } from '../cli/render/verdict.ts';
import { took } from '../cli/render/words.ts';
import type { Scene } from './scene.ts';

/** What a person asks for. */
export interface DrillOrder {
  readonly found: FoundPlan;
  readonly screen: Screen;
  /** Leaves the AWS up after the drill, until Ctrl-C. */
  readonly keep: boolean;
}

/** One drill, and the words around it. */
export interface Drill<Report> {
  readonly title: string;
  /** Factor for the waits of the state machines. Defaults to 1. */
  readonly waitScale?: number;
  /** The drill itself, on an AWS that is up. */
  readonly run: (scene: Scene) => Promise<Report>;
  /** Printed at the end. */
  readonly remark: string;
  /** For a person who looks around afterwards: the commands that make sense, and what is there. */
  readonly afterwards: { readonly verbs: readonly string[]; readonly words: string };
}

/** Holds a drill on an AWS that lives as long as the drill. Nothing of it is left, even after Ctrl-C. */
export async function holdDrill<Report extends { readonly exitCode: ExitCode }>(
  { found, screen, keep }: DrillOrder,
  { title, waitScale = 1, run, remark, afterwards }: Drill<Report>,
): Promise<Result> {
  const began = Date.now();
  const signal = interruptible();
  const { paint } = screen;
  screen.line();
  screen.line(
    shown`${paint('bold', title)}  on an AWS inside this machine; nothing outside of it is touched`,
  );
  showChapter(screen, 1, 'A local AWS, with the plan deployed to it');
  const aws = await startOnScreen(found, screen, signal, { waitScale });
  let kept = false;
  const keepLogs = () => {
    aws.keepFolder();
    kept = true;
  };
  try {
    const workload = await openOn(aws, found);
    const report = await whileAllLive(aws, () => run({ aws, workload, screen, signal })).finally(() =>
      workload.close(),
    );
    if (report.exitCode !== EXIT.good) keepLogs();
    const seconds = (Date.now() - began) / 1_000;
    screen.line();
    screen.line(fact(screen, 'the whole drill', took(seconds * 1_000)));
    screen.line();
    screen.line(paint('dim', `  ${remark}`));
    if (keep) {
      const { plan, path: planPath } = found;
      showGuide(screen, { aws, plan, planPath, verbs: afterwards.verbs }, process.env);
      screen.line();
      screen.line(`${afterwards.words} Ctrl-C tears everything down.`);
      await untilInterrupted(signal); // the end that was asked for: the exit code stays the drill's
    }
    return { exitCode: report.exitCode, document: { ...report, seconds } };
  } catch (error) {
    if (!signal.aborted) keepLogs();
    throw signal.aborted
      ? new Interrupted('Interrupted: nothing is proven, and nothing of the drill is left.')
      : error;
  } finally {
    screen.line();
    await showStep(screen, 'everything torn down', () => aws.stop());
    if (kept) screen.line(`  its logs are kept for a day: ${aws.runFolder}`);
  }
}
