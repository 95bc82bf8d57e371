import { measureRecovery } from '../objectives/measure-recovery.ts';
import { NotInPlan } from '../plan/lookup.ts';
import type { Plan } from '../plan/schema.ts';
import type { Objective } from '../plan/sections/objectives.ts';
import { type AnyEvidence, phasesOf } from './evidence.ts';
import { FailedStep } from './failed-step.ts';
import type { Kind, Recovery } from './kind.ts';
import type { AnyReport } from './report.ts';
import { unwrapFailure } from './unwrap-cause.ts';

/** The deployed plan, and which version of it. */
export interface PlanInForce {
  readonly plan: Plan;
  readonly version: string;
}

/**
 * Pure: the evidence of a report.
 *
 * @param checks what the run checked, where its kind checks something
 */
export function composeEvidence(
  { plan, version }: PlanInForce,
  kind: Kind,
  report: AnyReport,
  checks: AnyEvidence['checks'],
  now: Date,
): AnyEvidence {
  const { runStartedAt, facts, failure, ...told } = report;
  const steps = withCausesInWords(report.steps);
  const run = {
    ...told,
    startedAt: runStartedAt,
    recoveryPoint: facts.recoveryPoint ?? null,
    incident: facts.incident ?? null,
    account: kind.account?.(steps) ?? null,
    steps,
  };
  const leftBehind = kind.leftBehind?.(run, plan) ?? null;
  return {
    format: 'lifeboat-evidence-1',
    ...run,
    reason: leftBehind ? `${run.reason}; left behind: ${leftBehind}` : run.reason,
    leftBehind,
    finishedAt: now.toISOString(),
    workload: plan.workload,
    planVersion: version,
    failure: failure && unwrapFailure(failure),
    phases: phasesOf(steps),
    checks,
    objectives: measured(plan, run, () => kind.recovery?.(run, plan) ?? null),
  };
}

/**
 * Compares a recovery with the objectives of its scenario. A run that was asked for what the plan does not have is
 * recorded all the same, without objectives.
 */
function measured(
  plan: Plan,
  { startedAt, incident }: Pick<AnyEvidence, 'startedAt' | 'incident'>,
  recover: () => Recovery | null,
): AnyEvidence['objectives'] {
  try {
    const recovery = recover();
    if (!recovery) return null;
    const { scenario: planned, ...recovered } = recovery;
    const scenario = incident?.scenario ?? planned;
    const target: Objective = plan.objectives.scenarios[scenario] ?? plan.objectives;
    return { scenario, ...measureRecovery({ startedAt, incident, target, ...recovered }) };
  } catch (error) {
    if (error instanceof NotInPlan) return null;
    throw error;
  }
}

/** Steps as people read them: those that failed have their cause in words. */
function withCausesInWords(steps: AnyReport['steps']): AnyReport['steps'] {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => {
      const failed = FailedStep.safeParse(step).data;
      return [name, failed ? { ...(step as object), failure: unwrapFailure(failed.failure) } : step];
    }),
  );
}
