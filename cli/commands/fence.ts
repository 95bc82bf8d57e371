import type { Command } from 'commander';
import type { FENCE_CHANGES } from '../../shared/lease/step-answers.ts';
import { fencedTables, leaseOf } from '../../shared/plan/lookup.ts';
import { action } from '../action.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { changeFence } from '../follow/change-fence.ts';
import { showFence } from '../render/fence.ts';
import { shown } from '../render/shown.ts';
import { openWorkload } from '../workload.ts';
import { databaseNamed, databaseOption, PLAN_ARGUMENT, stageOption, yesOption } from './options.ts';

interface Options {
  readonly stage: string;
  readonly database?: string;
  readonly printSql?: true;
  readonly yes?: true;
}

/** What each subcommand does, and what it asks before. Null: it changes nothing. */
const SUBCOMMANDS: readonly {
  readonly name: Exclude<(typeof FENCE_CHANGES)[number], 'statements'>;
  readonly description: string;
  readonly question: ((database: string, tables: string) => string) | null;
}[] = [
  { name: 'show', description: 'show the lease of a database, and what its fence lacks', question: null },
  {
    name: 'install',
    description: 'install the fence, or complete it; writes to the tables wait for a moment',
    question: (database, tables) =>
      `Put triggers on ${tables} of "${database}" that refuse writes without a lease`,
  },
  {
    name: 'try',
    description: 'try a write on each fenced table, and take it back',
    question: null,
  },
  {
    name: 'lift',
    description: 'let writes be made without a lease, until it is removed and installed again',
    question: (database) =>
      `Let "${database}" accept writes without a lease: a failover cannot fence it then`,
  },
  {
    name: 'remove',
    description: 'take the fence off every table',
    question: (database) => `Take the fence off "${database}"`,
  },
];

/** `lifeboat fence`: the fence of a database by a lease, through the deployed function. */
export function addFence(program: Command): void {
  const fence = program
    .command('fence')
    .description('show, install, try or remove the fence that lets a database refuse writes without a lease');
  for (const { name, description, question } of SUBCOMMANDS) {
    const command = fence
      .command(name)
      .description(description)
      .argument('[plan]', PLAN_ARGUMENT)
      .addOption(stageOption())
      .addOption(databaseOption());
    if (name === 'install')
      command.option('--print-sql', 'print the statements, and change nothing; they can be run by hand');
    if (question) command.addOption(yesOption());
    command.action(
      action<readonly [string | undefined], Options>(async ({ args: [plan], options, screen }) => {
        const found = await findPlan(plan);
        const database = databaseNamed(found.plan, options.database);
        const tables = fencedTables(leaseOf(found.plan, database));
        const workload = await openWorkload(found, options.stage);
        try {
          if (options.printSql) {
            const answer = await changeFence(workload, { database, change: 'statements' });
            for (const line of ['BEGIN', ...answer.statements, 'COMMIT']) screen.line(shown`${line};`);
            return { exitCode: EXIT.good, document: { database, ...answer } };
          }
          if (question) {
            const names = tables.map((table) => `${table.schema}.${table.name}`).join(', ');
            await confirm(question(database, names), options, {
              nothingDone: 'Nothing was changed.',
              look: name === 'install' ? '--print-sql' : '"lifeboat fence show"',
            });
          }
          const answer = { database, ...(await changeFence(workload, { database, change: name })) };
          showFence(screen, answer);
          return { exitCode: EXIT.good, document: answer };
        } finally {
          workload.close();
        }
      }),
    );
  }
}
