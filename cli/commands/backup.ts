import type { Command } from 'commander';
import { backupOf, databaseOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { isTakenByLifeboat } from '../../shared/plan/sections/backups.ts';
import { backup as kind } from '../../shared/run/kinds/backup.ts';
import { action } from '../action.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startMachine } from '../follow/run-machine.ts';
import { openWorkload } from '../workload.ts';
import { namedOrOnly } from './only-one.ts';
import { databaseNamed, databaseOption, labelOption, PLAN_ARGUMENT, stageOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

interface Options {
  readonly stage: string;
  readonly database?: string;
  readonly backup?: string;
  readonly label?: string;
}

/** `lifeboat backup`: takes a backup now through the deployed machine, and follows it until it ends. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('take a backup now and follow it to its end')
    .argument('[plan]', PLAN_ARGUMENT)
    .addOption(stageOption())
    .addOption(databaseOption())
    .option(
      '--backup <name>',
      "one of the database's backups that Lifeboat takes, logical or a snapshot of RDS; not needed where it has one",
    )
    .addOption(labelOption('what to call this recovery point, to restore it by: before-upgrade'))
    .addHelpText(
      'after',
      `
A label is kept with the recovery point itself: in its manifest, or as a tag of the snapshot. Of a point in time it names the second
in which the command was given. Several recovery points can have one label: a restore takes the newest of them, and says so.

Examples:
  lifeboat backup mailblast                         the only backup of its only database
  lifeboat backup mailblast --stage staging
  lifeboat backup mailblast --label before-upgrade  then: lifeboat restore mailblast --label before-upgrade --into …
  lifeboat backup ./erp.yml --database billing --json
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const { database, backup } = chosenBackup(found.plan, options);
        const workload = await openWorkload(found, options.stage);
        try {
          const { label } = options;
          const input = { database, backup, startedBy: operator(), ...(label !== undefined && { label }) };
          return await runAndShow(workload, database, () => startMachine(workload, kind, input), screen);
        } finally {
          workload.close();
        }
      }),
    );
}

/** The chosen backup: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function chosenBackup(
  plan: Plan,
  named: { readonly database?: string; readonly backup?: string },
): { database: string; backup: string } {
  const database = databaseNamed(plan, named.database);
  const planned = databaseOf(plan, database);
  const taken = Object.entries(planned.backups)
    .filter(([, each]) => isTakenByLifeboat(each))
    .map(([name]) => name);
  const backups = {
    one: `backup of ${database} that Lifeboat takes`,
    several: `backups of ${database}`,
    by: '--backup',
  };
  const backup = namedOrOnly(plan, named.backup, taken, backups);
  backupOf(planned, backup);
  return { database, backup };
}
