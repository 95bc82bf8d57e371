import type { CompletedCommand } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that teaches a shell the commands and options. What it does not know, such as a plan, is completed as a file. */
export function completionScript(shell: Shell, tree: readonly CompletedCommand[]): string {
  if (shell === 'fish') return fish(tree);
  return (shell === 'zsh' ? ZSH_PRELUDE : '') + bash(tree);
}

/**
 * zsh has no `complete` before its own completion is loaded. A person who has loaded it already keeps it as it is: a second
 * compinit would forget what was defined since the first one.
 */
const ZSH_PRELUDE = `autoload -Uz compinit bashcompinit
(( $+functions[compdef] )) || compinit
(( $+functions[complete] )) || bashcompinit
`;

const wordsOf = ({ subcommands, options }: CompletedCommand) =>
  [...subcommands.map(({ name }) => name), ...options.map(({ long }) => long)].join(' ');

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Walks the words that were typed down the tree, passing over options, then offers what may follow. */
function bash(tree: readonly CompletedCommand[]): string {
  const known = tree.filter(({ path }) => path !== '').map(({ path }) => quoted(` ${path}`));
  const offers = tree.map(
    (command) => `    ${quoted(command.path && ` ${command.path}`)}) words=${quoted(wordsOf(command))} ;;`,
  );
  return `_lifeboat() {
  local at='' word words=''
  local current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${known.join(' | ')}) at="$at $word" ;;
    esac
  done
  case "$at" in
${offers.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _lifeboat lifeboat
`;
}

function fish(tree: readonly CompletedCommand[]): string {
  const known = tree.filter(({ path }) => path !== '').map(({ path }) => fishQuoted(` ${path}`));
  const lines = tree.flatMap(({ path, subcommands, options }) => {
    const here = `complete -c lifeboat -n ${fishQuoted(`test "$(__lifeboat_at)" = "${path && ` ${path}`}"`)}`;
    return [
      ...subcommands.map(({ name, description }) => `${here} -a ${name} -d ${fishQuoted(description)}`),
      ...options.map(
        ({ long, description, takesValue }) =>
          `${here} -l ${long.slice(2)}${takesValue ? ' -r' : ''} -d ${fishQuoted(description)}`,
      ),
    ];
  });
  return `function __lifeboat_at
  set -l at ''
  for word in (commandline -opc)[2..]
    if contains -- "$at $word" ${known.join(' ')}
      set at "$at $word"
    end
  end
  echo -n "$at"
end
${lines.join('\n')}
`;
}

const fishQuoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
