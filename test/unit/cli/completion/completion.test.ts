import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTree } from '../../../../cli/completion/command-tree.ts';
import { completionScript, SHELLS } from '../../../../cli/completion/scripts.ts';
import { createProgram } from '../../../../cli/program.ts';

const run = promisify(execFile);
const tree = commandTree(createProgram({ json: false }));
const installed = async (shell: string) =>
  run(shell, ['-c', 'true']).then(
    () => true,
    () => false,
  );

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'completion-'));
  for (const shell of SHELLS) await writeFile(path.join(folder, shell), completionScript(shell, tree));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What bash, or zsh with bash's completion, offers after these words; the last one is being typed. */
const offers: Readonly<Record<string, (words: readonly string[]) => Promise<string[]>>> = {
  async bash(words) {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const script = `source ${path.join(folder, 'bash')}; COMP_WORDS=(lifeboat ${typed}); COMP_CWORD=${words.length}; _lifeboat; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', script]);
    return stdout.split('\n').filter(Boolean);
  },
  async fish(words) {
    const { stdout } = await run('fish', [
      '--no-config',
      '-c',
      `source ${path.join(folder, 'fish')}; complete -C 'lifeboat ${words.join(' ')}'`,
    ]);
    return stdout.split('\n').flatMap((line) => line.split('\t', 1)[0] || []);
  },
};

describe.each(Object.entries(offers))('in %s', async (shell, offer) => {
  test.skipIf(!(await installed(shell))).each<[string[], string[]]>([
    [['dri'], ['drill']],
    [
      ['plan', ''],
      ['init', 'check'],
    ],
    [['replay', 'quarantine', 'li'], ['list']],
    [['drill', '--sc'], ['--scale']],
    [['restore-test', 'mailblast', '--stage', 'prod', '--cho'], ['--choose']],
    [['--verb'], ['--verbose']],
  ])('after %j comes %j', async (typed, expected) => {
    expect(await offer(typed)).toEqual(expect.arrayContaining(expected));
  });
});

describe.skipIf(!(await installed('zsh')))('zsh', () => {
  /** What zsh without any start-up file has after these lines. */
  const after = async (...lines: string[]) => {
    const script = [...lines, `source ${path.join(folder, 'zsh')}`, 'print -r -- "$_comps[lifeboat]"'];
    const { stdout, stderr } = await run('zsh', ['-f', '-c', script.join('\n')], {
      env: { PATH: process.env.PATH, HOME: folder, ZDOTDIR: folder },
    });
    return { stdout: stdout.trim(), stderr };
  };
  const completed = { stdout: '_bash_complete -o default -F _lifeboat', stderr: '' };

  test('loads its completion where no start-up file did', async () => {
    expect(await after()).toEqual(completed);
  });

  test('keeps what was completed before, and loads nothing twice', async () => {
    const before = [
      'autoload -Uz compinit bashcompinit',
      'compinit -u; bashcompinit',
      'compdef _gnu_generic mine',
    ];
    expect(await after(...before, 'compinit() { print again }', 'bashcompinit() { print again }')).toEqual(
      completed,
    );
    const kept = await after(...before, 'zshexit() { print -r -- "$_comps[mine]" }');
    expect(kept.stdout.split('\n')).toContain('_gnu_generic');
  });
});

test('each command that the help shows is known, with its options', () => {
  const paths = tree.map(({ path: at }) => at);
  expect(paths).toEqual(
    expect.arrayContaining(['', 'backup', 'plan init', 'replay quarantine release', 'status']),
  );
  for (const { path: at, options } of tree)
    expect({ at, longs: options.map(({ long }) => long) }).toEqual({
      at,
      longs: expect.arrayContaining(['--help', '--json']),
    });
});
