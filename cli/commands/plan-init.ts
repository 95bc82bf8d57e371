import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { parsePlan } from '../../shared/plan/load.ts';
import { action } from '../action.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { QUESTIONS } from '../plan-init/answers.ts';
import { asking, canAsk } from '../plan-init/ask.ts';
import { collectAnswers } from '../plan-init/collect.ts';
import { writePlan } from '../plan-init/write-plan.ts';
import { showNextSteps } from '../render/next-step.ts';
import { shown } from '../render/shown.ts';
import { typed } from '../typed.ts';
import { WrongUsage } from '../usage.ts';

const SCHEMA = path.resolve(import.meta.dirname, '../../shared/plan/plan.schema.json');

type Options = Readonly<Record<string, string | undefined>> & { readonly yes?: true; readonly json?: true };

/** `lifeboat plan init`: writes a small plan, with comments on what to change. Needs no AWS. */
export function addPlanInit(plan: Command): void {
  const init = plan
    .command('init')
    .description('write a new plan: asks what it needs to know, or takes it from options')
    .argument('[file]', 'where to write it; <workload>.yml here, if not said')
    .option('--yes', 'ask nothing: what no option says gets its ordinary value');
  for (const { flag, words } of QUESTIONS) init.option(`--${flag} <value>`, words);
  init
    .addHelpText(
      'after',
      `
A file that exists is never overwritten. Names of secrets are names only: no secret is read or written.

Examples:
  lifeboat plan init
  lifeboat plan init --workload shop --region eu-central-1 --email oncall@example.com --yes
  lifeboat plan init --workload shop --queue orders-dlq --target function:orders-worker shop.yml
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [named], options, screen }) => {
        const mayAsk = !options.yes && !options.json && canAsk();
        const collect = (ask: Parameters<Parameters<typeof asking>[0]>[0] | null) =>
          collectAnswers(byAnswer(options), {
            ask,
            refused: (sentence) => screen.line(shown`  ${screen.paint('yellow', sentence)}`),
            environment: process.env,
          });
        const answers = mayAsk ? await asking(collect) : await collect(null);
        const file = path.resolve(standing(), named ?? `${answers.workload}.yml`);
        const text = writePlan(answers, path.relative(path.dirname(file), SCHEMA));
        parsePlan(text, file);
        await writeNew(file, text);
        const written = path.relative(process.cwd(), file);
        screen.line();
        screen.line(
          shown`${screen.paint('green', '✔')} ${screen.paint('bold', written)} is a plan for ${answers.workload}`,
        );
        showNextSteps(screen, [
          { why: 'to see what it promises', command: typed('plan', 'check', written) },
          {
            why: 'to rehearse it on this machine with your own schema and data',
            command: typed('drill', '--load', 'my.sql', '--plan', written),
          },
        ]);
        screen.line();
        screen.line('  docs/deploy.md says what AWS needs before it is deployed.');
        return { exitCode: EXIT.good, document: { path: written, workload: answers.workload } };
      }),
    );
}

function standing(): string {
  return process.cwd();
}

/** Commander camel-cases the flags; an answer may have another name. */
function byAnswer(options: Options): Record<string, string | undefined> {
  const camel = (flag: string) => flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(QUESTIONS.map(({ name, flag }) => [name, options[camel(flag)]]));
}

/** @throws WrongUsage where the file exists, or its folder does not */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const shown = path.relative(process.cwd(), file);
    if (code === 'EEXIST') throw new WrongUsage(`${shown} exists and is left as it is: name another file`);
    if (code === 'ENOENT')
      throw new WrongUsage(`there is no folder ${path.dirname(shown)}: make it first, or name another file`);
    throw error;
  }
}
