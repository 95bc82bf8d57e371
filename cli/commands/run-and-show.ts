import type { Result } from '../action.ts';
import { EXIT, exitCodeOf } from '../exit-code.ts';
import { followToEnd } from '../follow/run-machine.ts';
import type { StartedRun } from '../follow/sight.ts';
import type { StartedReplay } from '../follow/start-replay.ts';
import { Interrupted, interruptible } from '../interruption.ts';
import { nextSteps, showNextSteps } from '../render/next-step.ts';
import type { Screen } from '../render/screen.ts';
import { shown } from '../render/shown.ts';
import { showVerdict } from '../render/verdict.ts';
import { typed, typedWhere } from '../typed.ts';
import type { Workload } from '../workload.ts';

/**
 * Starts a run, follows it on the screen, and prints how it ended and what to do next. Ctrl-C stops following, not the run.
 *
 * @param subject the database, queue or rehydration of the plan that the run works on
 */
export async function runAndShow(
  workload: Workload,
  subject: string,
  start: () => Promise<StartedRun | StartedReplay>,
  screen: Screen,
): Promise<Result> {
  const { paint } = screen;
  const { deployment, region, plan, planPath, stage } = workload;
  const signal = interruptible();
  const run = await start();
  screen.aside();
  screen.aside(
    shown`${paint('bold', `${run.machine} of ${plan.workload}/${subject}`)}  ${deployment.stackName}, ${region}`,
  );
  const before = 'requestId' in run && run.alreadyStarted ? ', which this request has started before' : '';
  screen.aside(paint('dim', `run ${run.runId}${before}`));
  screen.aside();
  try {
    const finished = await followToEnd(workload, run, screen, signal);
    showVerdict(screen, finished);
    if (finished.evidence) showNextSteps(screen, nextSteps(finished.evidence, workload));
    return { exitCode: exitCodeOf(finished), document: finished };
  } catch (error) {
    screen.close();
    const status = typed('status', planPath, ...typedWhere(workload));
    screen.line();
    screen.line(`  The run goes on without being followed: ${run.executionArn}`);
    screen.line(`  Look at it: ${status}`);
    if ('requestId' in run)
      screen.line(
        `  Follow it again: ${typed('replay', planPath, subject, '--stage', stage, '--request-id', run.requestId, '--yes')}`,
      );
    if (!(error instanceof Interrupted)) throw error;
    return { exitCode: EXIT.interrupted, document: { ...run, followed: false, status } };
  }
}
