import type { Command } from 'commander';

/** A command as a shell completes it. */
export interface CompletedCommand {
  /** The words after the program's name: empty for the program itself, `replay quarantine list`. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  /** `--stage`, in the order of the help. */
  readonly options: readonly {
    readonly long: string;
    readonly description: string;
    readonly takesValue: boolean;
  }[];
}

/** Every command of a program with what may follow it, the program first. Hidden commands and options are left out. */
export function commandTree(program: Command): CompletedCommand[] {
  return treeOf(program, '', []);
}

function treeOf(command: Command, path: string, inherited: CompletedCommand['options']): CompletedCommand[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  const own = help
    .visibleOptions(command)
    .flatMap(({ long, description, required, optional }) =>
      long
        ? [{ long, description: description.split('\n', 1)[0] ?? '', takesValue: required || optional }]
        : [],
    );
  const options = [...own, ...inherited.filter(({ long }) => !own.some((each) => each.long === long))];
  const ofAll = path === '' ? own.filter(({ long }) => long !== '--version') : inherited;
  return [
    {
      path,
      subcommands: subcommands.map((each) => ({ name: each.name(), description: each.description() })),
      options,
    },
    ...subcommands.flatMap((each) =>
      treeOf(each, path === '' ? each.name() : `${path} ${each.name()}`, ofAll),
    ),
  ];
}
