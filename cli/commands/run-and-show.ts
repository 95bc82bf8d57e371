import type { Machine } from '../../shared/journal/machine.ts';
import type { Result } from '../action.ts';
import { EXIT, exitCodeOf } from '../exit-code.ts';
import { followToEnd, type MachineInput, startMachine } from '../follow/run-machine.ts';
import { Interrupted, interruptible } from '../interruption.ts';
import type { Screen } from '../render/screen.ts';
import { showVerdict } from '../render/verdict.ts';
import type { Workload } from '../workload.ts';

/** Starts a machine, follows the run on the screen, and says how it ended. Ctrl-C stops the following, not the run. */
export async function runAndShow<Kind extends Machine>(
  workload: Workload,
  machine: Kind,
  input: MachineInput[Kind],
  screen: Screen,
): Promise<Result> {
  const { paint } = screen;
  const { deployment, region, plan, planPath, stage } = workload;
  const signal = interruptible();
  const run = await startMachine(workload, machine, input);
  screen.line();
  screen.line(
    `${paint('bold', `${machine} of ${plan.workload}/${subjectOf(input)}`)}  ${deployment.stackName}, ${region}`,
  );
  screen.line(paint('dim', `run ${run.runId}`));
  screen.line();
  try {
    const finished = await followToEnd(workload, run, screen, signal);
    showVerdict(screen, finished);
    return { exitCode: exitCodeOf(finished.end), document: finished };
  } catch (error) {
    screen.close();
    const status = `lifeboat status ${planPath} --stage ${stage}`;
    screen.line();
    screen.line(`  The run goes on without being followed: ${run.executionArn}`);
    screen.line(`  Look at it: ${status}`);
    if (!(error instanceof Interrupted)) throw error;
    return { exitCode: EXIT.interrupted, document: { ...run, followed: false, status } };
  }
}

function subjectOf(input: MachineInput[Machine]): string {
  if ('database' in input) return input.database;
  return 'queue' in input ? input.queue : input.rehydration;
}
