import type { Command } from 'commander';
import { backupOf, databaseOf } from '../../shared/plan/lookup.ts';
import { backup as kind } from '../../shared/run/kinds/backup.ts';
import { action } from '../action.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startMachine } from '../follow/run-machine.ts';
import { openWorkload } from '../workload.ts';
import { databaseOption, PLAN_ARGUMENT, stageOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

interface Options {
  readonly stage: string;
  readonly database: string;
  readonly backup: string;
}

/** `lifeboat backup`: takes a backup now through the deployed machine, and follows it until it ends. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('take a backup now and follow it to its end')
    .argument('<plan>', PLAN_ARGUMENT)
    .addOption(stageOption())
    .addOption(databaseOption())
    .option('--backup <name>', "one of the database's backups by the method logical", 'full')
    .addHelpText(
      'after',
      `
Examples:
  lifeboat backup mailblast                         the backup "full" of the database "main"
  lifeboat backup mailblast --stage staging
  lifeboat backup ./erp.yml --database billing --json
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        backupOf(databaseOf(found.plan, options.database), options.backup);
        const workload = await openWorkload(found, options.stage);
        try {
          const { database, backup } = options;
          const input = { database, backup, startedBy: operator() };
          return await runAndShow(workload, database, () => startMachine(workload, kind, input), screen);
        } finally {
          workload.close();
        }
      }),
    );
}
