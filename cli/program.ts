import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { visible } from '../shared/text/visible.ts';
import { addBackup } from './commands/backup.ts';
import { addCompare } from './commands/compare.ts';
import { addCompletion } from './commands/completion.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDrill } from './commands/drill.ts';
import { addFence } from './commands/fence.ts';
import { addLocal } from './commands/local.ts';
import { addPlanCheck } from './commands/plan-check.ts';
import { addPlanInit } from './commands/plan-init.ts';
import { addRehydrate } from './commands/rehydrate.ts';
import { addReplay } from './commands/replay.ts';
import { addRestore } from './commands/restore.ts';
import { addRestoreTest } from './commands/restore-test.ts';
import { addStatus } from './commands/status.ts';
import { addVerify } from './commands/verify.ts';
import { EXIT_CODES_HELP } from './exit-code.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Commander's own message of several lines, each made visible. */
function visibleLines(text: string): string {
  return text
    .split('\n')
    .map((line) => visible(line))
    .join('\n');
}

/** The command tree. */
export function createProgram({ json }: { json: boolean }): Command {
  const program: Command = new Command('lifeboat')
    .description(
      'Takes backups, proves that they restore, replays what an outage left behind, and measures the real RPO and RTO each time.',
    )
    .version(version)
    .option('--json', 'print one JSON document on stdout; what a person would read goes to stderr')
    .option('--verbose', 'more detail, and the stack of an error')
    .option('--quiet', 'only results and errors: no steps, no hints')
    .option('--no-color', 'no colours; NO_COLOR=1 does the same, FORCE_COLOR=1 the opposite in a pipe')
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      // Options of an intermediate command do not apply to its subcommands.
      visibleGlobalOptions: (command) => (command.parent ? [...program.options] : []),
    })
    .configureOutput({
      // An argument may be pasted from anywhere.
      outputError: (text, write) => write(visibleLines(text)),
      ...(json && { writeErr: () => {} }),
    })
    .showHelpAfterError('(--help shows what there is)');
  // Set before the commands are added, because they inherit it.
  addDrill(program);
  addLocal(program);
  const plan = program.command('plan').description('write and check plans; needs no AWS');
  addPlanInit(plan);
  addPlanCheck(plan);
  addDeploy(program);
  addBackup(program);
  addRestoreTest(program);
  addRestore(program);
  addCompare(program);
  addVerify(program);
  addFence(program);
  addReplay(program);
  addRehydrate(program);
  addStatus(program);
  addCompletion(program);
  return program.addHelpText(
    'after',
    `
Start here:
  lifeboat drill                    the whole story in half a minute, on an AWS inside this machine: load data, back up,
                                    lose the database, restore, measure
  lifeboat drill replay             the other half: a webhook was down; its dead letters are delivered, each once
  lifeboat plan init                a new plan for your own workload
  lifeboat plan check               what your plans say, and what is wrong with them
  lifeboat local                    an AWS inside this machine to try the other commands on
  lifeboat deploy                   a plan to its two Regions; --dry-run says what would change

Against what is deployed (of plans/mailblast.yml, stage prod):
  lifeboat backup mailblast
  lifeboat restore-test mailblast
  lifeboat restore mailblast --at newest --into mailblast_restored
  lifeboat verify mailblast
  lifeboat replay mailblast --dry-run
  lifeboat status mailblast
${EXIT_CODES_HELP}`,
  );
}
