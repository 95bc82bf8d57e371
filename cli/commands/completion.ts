import { Argument, type Command } from 'commander';
import { commandTree } from '../completion/command-tree.ts';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.ts';

/** `lifeboat completion`: a script that teaches a shell the commands and options. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
The script completes the word "lifeboat". Give that name to how you call it, for example: alias lifeboat='npx lifeboat'

Examples:
  source <(lifeboat completion bash)                      for this terminal; in ~/.bashrc for all
  source <(lifeboat completion zsh)                       the same in ~/.zshrc
  lifeboat completion fish > ~/.config/fish/completions/lifeboat.fish
`,
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, commandTree(program)));
    });
}
