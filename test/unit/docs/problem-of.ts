import type { Command } from 'commander';

/** What is wrong with a command line; null where the command exists and knows every option. */
export function problemOf(program: Command, [word = '', ...rest]: string[]): string | null {
  const command = program.commands.find((each) => each.name() === word);
  if (!command) return `no command "${word}"`;
  if (rest[0] !== undefined && command.commands.some((each) => each.name() === rest[0]))
    return problemOf(command, rest);
  const options = rest.filter((each) => each.startsWith('--'));
  const unknown = options.find((option) => !command.options.some(({ long }) => long === option));
  return unknown ? `"${word}" has no option ${unknown}` : null;
}
