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

test.skipIf(!(await installed('zsh')))('zsh reads its script', async () => {
  await expect(run('zsh', ['-f', '-n', path.join(folder, 'zsh')])).resolves.toMatchObject({ stderr: '' });
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
