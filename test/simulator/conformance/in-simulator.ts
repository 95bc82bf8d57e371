import { ok, type TaskScripts } from '../script.ts';
import { simulate } from '../simulate.ts';
import { type CaseOutcome, type ConformanceCase, ECHO } from './conformance-case.ts';

/** Runs a case in the simulator. */
export async function runInSimulator(
  { definition, input = {}, tasks = {} }: ConformanceCase,
  seed = 1,
): Promise<CaseOutcome> {
  const scripts: TaskScripts = Object.fromEntries(
    Object.entries(tasks).map(([name, script]) => [
      name,
      script === ECHO ? (call) => ok(call.arguments) : script,
    ]),
  );
  const {
    status,
    output = null,
    error = '',
    cause = '',
  } = await simulate(definition, { input, tasks: scripts, seed });
  return status === 'SUCCEEDED' ? { status, output } : { status, error, cause };
}
