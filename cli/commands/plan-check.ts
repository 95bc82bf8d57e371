import type { Command } from 'commander';
import { NotDeployable } from '../../resources/not-deployable.ts';
import { requireDeployable } from '../../resources/require-deployable.ts';
import { loadPlan, PlanUnreadable } from '../../shared/plan/load.ts';
import { PlanInvalid } from '../../shared/plan/mistake.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { count } from '../../shared/run/quantity.ts';
import { action, type Result } from '../action.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { allPlanPaths, pathOf } from '../find-plan.ts';
import { notTaken, planWarnings, showPlan } from '../render/plan-summary.ts';
import type { Screen } from '../render/screen.ts';
import { shown } from '../render/shown.ts';
import { stageOption } from './options.ts';

/** `lifeboat plan check`: lists every mistake in every plan, and summarizes the valid ones. Needs no AWS. */
export function addPlanCheck(plan: Command): void {
  plan
    .command('check')
    .description('list every mistake of a plan; of a good one show what it says and who does it')
    .argument('[plans...]', 'paths of plans, or names in plans/; all of plans/ without any')
    .addOption(stageOption('the stage that it will be deployed as: a long name may be too long for AWS'))
    .addHelpText(
      'after',
      `
Examples:
  lifeboat plan check
  lifeboat plan check mailblast
  lifeboat plan check ./erp.yml --json
  lifeboat plan check --stage staging
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [readonly string[]], { readonly stage: string }>(
        async ({ args: [names], options, screen }) => {
          const paths = names.length > 0 ? await Promise.all(names.map(pathOf)) : await allPlanPaths();
          const checked: Checked[] = [];
          for (const path of paths) checked.push(await checkPlan(path, options.stage, screen));
          return conclude(checked, screen);
        },
      ),
    );
}

/**
 * Plans of the same workload share one stack: the last one deployed replaces the other.
 *
 * @returns a sentence for each such workload, with its files
 */
export function workloadsWithSeveralPlans(checked: readonly Pick<Checked, 'path' | 'plan'>[]): string[] {
  const paths = new Map<string, string[]>();
  for (const { path, plan } of checked)
    if (plan) paths.set(plan.workload, [...(paths.get(plan.workload) ?? []), path]);
  return [...paths]
    .filter(([, files]) => files.length > 1)
    .map(
      ([workload, files]) =>
        `workload "${workload}" has several plans: ${files.join(', ')}; keep one of them`,
    );
}

/** The findings for one plan. */
interface Checked {
  readonly path: string;
  readonly valid: boolean;
  /** The findings for a valid plan. */
  readonly plan?: Plan;
  readonly [fact: string]: unknown;
}

async function checkPlan(path: string, stage: string, screen: Screen): Promise<Checked> {
  try {
    const plan = await loadPlan(path);
    await requireDeployable(plan, stage);
    showPlan(screen, path, plan);
    return { path, valid: true, plan, notTaken: notTaken(plan), warnings: planWarnings(plan) };
  } catch (error) {
    if (!isAboutThePlan(error)) throw error;
    screen.line();
    screen.line(shown`${screen.paint('red', '✖')} ${screen.paint('bold', path)}`);
    for (const line of error.message.split('\n')) screen.line(`  ${line}`);
    const mistakes = error instanceof PlanInvalid ? error.mistakes : [];
    return { path, valid: false, message: error.message, mistakes };
  }
}

function isAboutThePlan(error: unknown): error is PlanInvalid | PlanUnreadable | NotDeployable {
  return error instanceof PlanInvalid || error instanceof PlanUnreadable || error instanceof NotDeployable;
}

function conclude(checked: readonly Checked[], screen: Screen): Result {
  const wrong = checked.filter(({ valid }) => !valid);
  const several = workloadsWithSeveralPlans(checked);
  screen.line();
  for (const sentence of several) screen.line(shown`${screen.paint('red', '✖')} ${sentence}`);
  screen.line(
    wrong.length === 0
      ? `${count(checked.length, 'plan')} checked: no mistakes.`
      : `${count(checked.length, 'plan')} checked: ${wrong.length} cannot be used.`,
  );
  return {
    exitCode: wrong.length + several.length === 0 ? EXIT.good : EXIT.usage,
    document: { plans: checked, severalPlans: several },
  };
}
