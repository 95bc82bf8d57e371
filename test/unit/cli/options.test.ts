import { Command } from 'commander';
import { expect, it } from 'vitest';
import { optionsOf } from '../../../cli/action.ts';

/** A command with a subcommand, both with an option of the same name, as `replay` and `replay quarantine list`. */
async function optionsFor(...args: string[]): Promise<Record<string, unknown>> {
  let options: Record<string, unknown> = {};
  const program = new Command('lifeboat').option('--json').exitOverride();
  const replay = program
    .command('replay')
    .option('--stage <stage>', '', 'prod')
    .action(() => {});
  replay
    .command('list')
    .option('--stage <stage>', '', 'prod')
    .action(function action(this: Command) {
      options = optionsOf(this);
    });
  await program.parseAsync(['replay', ...args], { from: 'user' });
  return options;
}

it.each([
  [['list', '--stage', 'staging', '--json'], { stage: 'staging', json: true }],
  [['--stage', 'staging', 'list'], { stage: 'staging' }],
  [['list'], { stage: 'prod' }],
] as const)(
  'an option that a command and its subcommand have is what was said, wherever: %j',
  async (args, options) => {
    expect(await optionsFor(...args)).toEqual(options);
  },
);
