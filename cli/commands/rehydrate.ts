import type { Command } from 'commander';
import { rehydrationOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { rehydrate } from '../../shared/run/kinds/rehydrate.ts';
import { action } from '../action.ts';
import { confirm } from '../confirm.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startMachine } from '../follow/run-machine.ts';
import { openWorkload } from '../workload.ts';
import { namedOrOnly } from './only-one.ts';
import { PLAN_ARGUMENT, stageOption, yesOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

interface Options {
  readonly stage: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** `lifeboat rehydrate`: refills a queue from database rows, each row once, through the deployed machine. */
export function addRehydrate(program: Command): void {
  program
    .command('rehydrate')
    .description('fill a lost queue again from rows of the database, each row once')
    .argument('[plan]', PLAN_ARGUMENT)
    .argument('[name]', 'a rehydration of the plan; not needed where it has one')
    .addOption(stageOption())
    .option('--dry-run', 'count the rows that would become messages; sends nothing')
    .addOption(yesOption())
    .addHelpText(
      'after',
      `
Run it again as often as you like: a row that was sent is known by its key, and is not sent twice.

Examples:
  lifeboat rehydrate mailblast pending-campaigns --dry-run
  lifeboat rehydrate mailblast pending-campaigns
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined, string | undefined], Options>(
        async ({ args: [name, named], options, screen }) => {
          const found = await findPlan(name);
          const rehydration = rehydrationNamed(found.plan, named);
          if (!options.dryRun)
            await confirm(
              `Fill the queue again by ${rehydration} of ${found.plan.workload}, stage ${options.stage}`,
              options,
            );
          const workload = await openWorkload(found, options.stage);
          try {
            const input = {
              rehydration,
              startedBy: operator(),
              ...(options.dryRun && { dryRun: true }),
            };
            return await runAndShow(
              workload,
              rehydration,
              () => startMachine(workload, rehydrate, input),
              screen,
            );
          } finally {
            workload.close();
          }
        },
      ),
    );
}

/** The selected rehydration: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function rehydrationNamed(plan: Plan, named: string | undefined): string {
  const choice = { one: 'rehydration', several: 'rehydrations' };
  const rehydration = namedOrOnly(plan, named, Object.keys(plan.rehydrations), choice);
  rehydrationOf(plan, rehydration);
  return rehydration;
}
