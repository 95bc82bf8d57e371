import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { atTerminal, inPipes, inShell, programAtTerminal, projectFolder } from './run-lifeboat.ts';

/** What broke other command lines, as their public issues tell, tried on this one. */

// Each test starts a process or two of Node, which take long where the machine is busy.
vi.setConfig({ testTimeout: 90_000 });

const ESC = '\u001b';
const COLOURS = new RegExp(`${ESC}\\[[\\d;]*m`);
const lifeboat = `"${process.execPath}" cli/lifeboat.js`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-inputs-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('colours', () => {
  const coloured = async (env: Record<string, string>, run = atTerminal) => {
    const { stdout, stderr } = await run(['plan', 'check', 'no-such-plan'], { env });
    expect(stdout + stderr).not.toMatch(/Warning|env is ignored/);
    return COLOURS.test(stdout + stderr);
  };

  test.each<[string, Record<string, string>]>([
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }],
    ['FORCE_COLOR=false', { FORCE_COLOR: 'false' }],
    ['NO_COLOR beside FORCE_COLOR=0', { NO_COLOR: '1', FORCE_COLOR: '0' }],
    ['TERM=dumb', { TERM: 'dumb' }],
  ])('are left out at a terminal by %s', async (_, env) => {
    expect(await coloured(env)).toBe(false);
  });

  test.each<[string, Record<string, string>]>([
    ['an empty NO_COLOR', { NO_COLOR: '' }],
    ['an empty FORCE_COLOR', { FORCE_COLOR: '' }],
  ])('are there at a terminal, and only there, with %s', async (_, env) => {
    expect(await coloured(env)).toBe(true);
    expect(await coloured(env, inPipes)).toBe(false);
  });

  test('are forced by FORCE_COLOR also beside NO_COLOR, without a warning of Node', async () => {
    const both = { NO_COLOR: '1', FORCE_COLOR: '1' };
    expect(await coloured(both, inPipes)).toBe(true);
  });
});

test('TERM=dumb gets no control sequence of any kind', async () => {
  const { code, stdout } = await atTerminal(['plan', 'check', 'mailblast'], { env: { TERM: 'dumb' } });
  expect({ code, escapes: stdout.includes(ESC) }).toEqual({ code: 0, escapes: false });
});

test.each([0, 5, 40])('a terminal of %i columns cuts nothing of a table', async (columns) => {
  const { code, stdout } = await atTerminal(['plan', 'check', 'mailblast'], { columns });
  expect({ code, cut: stdout.includes('…') }).toEqual({ code: 0, cut: false });
  expect(stdout).toContain('1 plan checked: no mistakes.');
});

describe('a question', () => {
  test.each(['1', 'woodpecker'])('is not asked where CI=%s, also at a terminal', async (CI) => {
    for (const command of [
      ['replay', 'mailblast'],
      ['plan', 'init', path.join(folder, 'never.yml')],
    ]) {
      const { code, stdout } = await atTerminal(command, { env: { CI } });
      expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.not.stringContaining('[y/N]') });
    }
  });

  test.each(['', 'false'])('is asked where CI is "%s"', async (CI) => {
    const { stdout } = await atTerminal(['replay', 'mailblast'], { env: { CI }, answer: 'n\n' });
    expect(stdout).toContain('Nothing was sent.');
  });

  test('is seen at the terminal where stdout is a pipe, and is not in what the pipe gets', async () => {
    const kept = path.join(folder, 'kept');
    const { stdout } = await programAtTerminal(
      [
        'bash',
        '-c',
        `cd "${projectFolder}"; ${lifeboat} replay mailblast --json | cat > "${kept}"; cat "${kept}"`,
      ],
      { answer: 'n\n' },
    );
    const [question, document] = [stdout.slice(0, stdout.indexOf('{')), stdout.slice(stdout.indexOf('{'))];
    expect(question).toContain('[y/N]');
    expect(JSON.parse(document).error).toMatchObject({ name: 'Interrupted', message: 'Nothing was sent.' });
  });
});

test.each(['--help', 'replay --help', 'completion bash'])(
  '%s into a reader that stops reading is no error',
  async (words) => {
    const line = `${lifeboat} ${words} | head -c 1 > /dev/null; exit \${PIPESTATUS[0]}`;
    expect(await inShell(line)).toEqual({ code: 0, stdout: '', stderr: '' });
  },
);

describe('Ctrl-C leaves the cursor as it was', () => {
  const HIDE = `${ESC}[?25l`;
  const SHOW = `${ESC}[?25h`;

  test.each([
    ['in a command that has nothing to finish', '', '{"code":254}'],
    ['in a command that finishes first', 'const signal = interruptible();', '{"code":130}'],
  ])('%s', async (_, before, expected) => {
    const file = path.join(folder, `${before.length}.ts`);
    await writeFile(
      file,
      `import { createScreen } from '${projectFolder}/cli/render/screen.ts';
       import { interruptible } from '${projectFolder}/cli/interruption.ts';
       const screen = createScreen(process.stdout);
       screen.live(() => 'working');
       ${before || 'const signal = undefined;'}
       signal?.addEventListener('abort', () => { screen.close(); process.exit(130); });
       setInterval(() => {}, 1_000);`,
    );
    const { code, stdout } = await programAtTerminal([process.execPath, file], {
      asked: 'working',
      answer: '\u0003',
    });
    expect({ code }).toEqual(JSON.parse(expected));
    expect(stdout).toContain(HIDE);
    expect(stdout.lastIndexOf(SHOW)).toBeGreaterThan(stdout.lastIndexOf(HIDE));
  });
});

describe('a variable that is set to nothing is not set', () => {
  const names = [
    'LIFEBOAT_STAGE',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_PROFILE',
    'AWS_ENDPOINT_URL',
    'INIT_CWD',
  ];
  const npm = { npm_lifecycle_event: 'lifeboat' };

  test(names.join(', '), async () => {
    const env = { ...npm, ...Object.fromEntries(names.map((name) => [name, ''])) };
    const [without, checked] = [
      await inPipes(['status', 'mailblast']),
      await inPipes(['status', 'mailblast'], { env }),
    ];
    expect(checked).toEqual(without);
  });

  test('and the question of a replay names the stage that is meant', async () => {
    const env = { LIFEBOAT_STAGE: '' };
    const { stderr } = await inPipes(['replay', 'mailblast'], { env });
    expect(stderr).toContain(', stage prod, ');
  });
});
