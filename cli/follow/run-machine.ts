import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type * as z from 'zod';
import { systemClock } from '../../shared/clock/clock.ts';
import { evidenceKey } from '../../shared/evidence/evidence-key.ts';
import { type AnyEvidence, evidenceOf } from '../../shared/run/evidence.ts';
import type { Kind } from '../../shared/run/kind.ts';
import { KINDS } from '../../shared/run/kinds.ts';
import type { RunEnd } from '../../shared/status/execution-events.ts';
import { continuationOf } from '../../shared/status/step-functions.ts';
import { ObjectMissing } from '../../shared/vault/vault.ts';
import type { Screen } from '../render/screen.ts';
import { shown } from '../render/shown.ts';
import { createTimeline } from '../render/timeline.ts';
import type { Workload } from '../workload.ts';
import { follow, type Sight } from './follow.ts';
import { newRunId } from './run-id.ts';
import { type StartedRun, sightOf } from './sight.ts';

/** A run that ended, and its evidence. */
export interface FinishedRun extends StartedRun {
  readonly end: RunEnd;
  /** Null if the run left no evidence or it cannot be read: `evidenceProblem` says why. */
  readonly evidence: AnyEvidence | null;
  readonly evidenceLocation: string;
  readonly evidenceProblem: string | null;
}

/**
 * Starts an execution of a kind's deployed machine.
 * A replay is started by a function instead, which starts it once.
 */
export async function startMachine<Of extends Kind>(
  { clients, deployment }: Workload,
  { name, input: contract }: Of,
  input: z.input<Of['input']>,
): Promise<StartedRun> {
  const runId = newRunId(name, systemClock.now());
  const { executionArn = '' } = await clients.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: deployment.machines[name],
      name: runId,
      input: JSON.stringify(contract.parse(input)),
    }),
  );
  return { machine: name, runId, executionArn };
}

/**
 * Follows a run on the screen until it ends, through all its executions, and reads its evidence.
 *
 * @param signal stops following, not the run
 */
export async function followToEnd(
  workload: Workload,
  run: StartedRun,
  screen: Screen,
  signal: AbortSignal,
  kinds: readonly Kind[] = KINDS,
): Promise<FinishedRun> {
  const { sfn } = workload.clients;
  let execution = run.executionArn;
  let end = await followExecution(sightOf(workload, run, kinds), screen, signal);
  for (;;) {
    const next = await continuationOf(sfn, execution);
    if (next === null) break;
    execution = next;
    screen.aside(shown`  ${screen.paint('dim', `the run goes on as ${execution}`)}`);
    end = await followExecution(sightOf(workload, run, kinds, execution), screen, signal);
  }
  const key = evidenceKey(run.machine, run.runId);
  return {
    ...run,
    end,
    evidenceLocation: `s3://${workload.deployment.vaultBucket}/${key}`,
    ...(await readEvidence(workload, key, kinds)),
  };
}

async function followExecution(sight: Sight, screen: Screen, signal: AbortSignal): Promise<RunEnd> {
  const show = createTimeline(screen, Date.now);
  for await (const seen of follow(sight, signal)) {
    show(seen);
    if (seen.kind === 'ended') return seen.end;
  }
  throw new Error('the history of an execution broke off without an end');
}

async function readEvidence(
  { vault }: Workload,
  key: string,
  kinds: readonly Kind[],
): Promise<Pick<FinishedRun, 'evidence' | 'evidenceProblem'>> {
  try {
    const evidence = evidenceOf(kinds).parse(JSON.parse((await vault.read(key)).toString('utf8')));
    return { evidence, evidenceProblem: null };
  } catch (error) {
    // The run has ended regardless, and its end decides. The problem is shown beside it.
    const problem = error instanceof ObjectMissing ? 'the run left none' : `not readable: ${String(error)}`;
    return { evidence: null, evidenceProblem: problem };
  }
}
