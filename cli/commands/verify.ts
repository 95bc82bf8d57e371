import { type Command, InvalidArgumentError, Option } from 'commander';
import { begunAt } from '../../shared/backup/logical/recovery-point-id.ts';
import { databaseOf, logicalBackupOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { verify as kind } from '../../shared/run/kinds/verify.ts';
import { action } from '../action.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startMachine } from '../follow/run-machine.ts';
import { openWorkload } from '../workload.ts';
import { namedOrOnly } from './only-one.ts';
import { databaseNamed, databaseOption, PLAN_ARGUMENT, stageOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

interface Options {
  readonly stage: string;
  readonly database?: string;
  readonly backup?: string;
  readonly choose?: string;
}

/** `lifeboat verify`: reads every byte of a recovery point through the deployed machine, without a database. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'read every byte of a recovery point against its seals and hashes, and prove that nobody can delete it; restores nothing',
    )
    .argument('[plan]', PLAN_ARGUMENT)
    .addOption(stageOption())
    .addOption(databaseOption())
    .option('--backup <name>', "one of the database's logical backups; not needed where it has one")
    .addOption(
      new Option(
        '--choose <which>',
        'in-turn (the one read longest ago), newest, or the id of a recovery point; what the plan says without it',
      ).argParser(parseChoice),
    )
    .addHelpText(
      'after',
      `
A recovery point that is intact may still not restore: "lifeboat restore-test" shows that.

Examples:
  lifeboat verify mailblast                         the recovery point that was read longest ago
  lifeboat verify mailblast --choose newest
  lifeboat verify ./erp.yml --database billing --json
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const { choose } = options;
        const { database, backup } = chosenLogicalBackup(found.plan, options);
        const workload = await openWorkload(found, options.stage);
        try {
          const input = {
            database,
            backup,
            startedBy: operator(),
            ...(choose !== undefined && { choose }),
          };
          return await runAndShow(workload, database, () => startMachine(workload, kind, input), screen);
        } finally {
          workload.close();
        }
      }),
    );
}

/** The chosen logical backup: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function chosenLogicalBackup(
  plan: Plan,
  named: { readonly database?: string; readonly backup?: string },
): { database: string; backup: string } {
  const database = databaseNamed(plan, named.database);
  const planned = databaseOf(plan, database);
  const logical = Object.entries(planned.backups)
    .filter(([, backup]) => 'logical' in backup)
    .map(([name]) => name);
  const choice = {
    one: `logical backup of ${database}`,
    several: `logical backups of ${database}`,
    by: '--backup',
  };
  const backup = namedOrOnly(plan, named.backup, logical, choice);
  logicalBackupOf(planned, backup);
  return { database, backup };
}

function parseChoice(text: string): string {
  if (text === 'in-turn' || text === 'newest' || begunAt(text)) return text;
  throw new InvalidArgumentError(
    'Expected in-turn, newest, or the id of a recovery point such as 20261122T020000Z-3f9a1c55-0b1c2d3e.',
  );
}
