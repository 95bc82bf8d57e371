import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { atTerminal, inPipes, inShell, projectFolder } from './run-lifeboat.ts';

// Each test starts a process or two of Node, which take long where the machine is busy.
vi.setConfig({ testTimeout: 90_000 });

const ESC = '\u001b';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-terminal-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('colours and control sequences', () => {
  const check = ['plan', 'check', 'mailblast'];

  test('are there at a terminal, and not in a pipe', async () => {
    expect((await atTerminal(check)).stdout).toContain(`${ESC}[1m`);
    expect((await inPipes(check)).stdout).not.toContain(ESC);
  });

  test('are left out by NO_COLOR and --no-color, and forced by FORCE_COLOR', async () => {
    const plain = await atTerminal(check, { env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toMatch(new RegExp(`${ESC}\\[[\\d;]*m`));
    const told = await atTerminal([...check, '--no-color'], { env: { FORCE_COLOR: '1' } });
    expect(told.stdout).not.toMatch(new RegExp(`${ESC}\\[[\\d;]*m`));
    expect((await inPipes(check, { env: { FORCE_COLOR: '1' } })).stdout).toContain(`${ESC}[1m`);
  });

  test('of an argument control nothing: commander repeats it', async () => {
    const wrong = await atTerminal([`${ESC}[2J${ESC}]0;title\u0007bakup`]);
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).toContain(String.raw`'\x1b[2J\x1b]0;title\x07bakup'`);
    expect(wrong.stdout).not.toContain(`${ESC}[2J`);
  });

  test('of a plan control nothing', async () => {
    const plan = path.join(folder, 'hostile.yml');
    await writeFile(
      plan,
      `lifeboat: 1\nworkload: "x\\e[2J\\n\\n✔ plans/mailblast.yml  fine"\n"re\\u202egions": {}\n`,
    );
    const { code, stdout } = await atTerminal(['plan', 'check', plan]);
    expect(code).toBe(2);
    expect(stdout).not.toContain(`${ESC}[2J`);
    expect(stdout).not.toContain('\u202e');
    expect(stdout).not.toMatch(/^✔ plans/m);
  });
});

describe('the width', () => {
  test.each([70, 100, 160])('of tables is that of a terminal of %i columns', async (columns) => {
    const { stdout } = await atTerminal(['plan', 'check', 'marimo-erp', '--no-color'], { columns });
    const tables = stdout.split(/\r?\n/).filter((line) => /^[│┌├└]/.test(line));
    expect(tables.length).toBeGreaterThan(10);
    expect(Math.max(...tables.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
  });

  test('of a row in a pipe is not limited: a program reads lines', async () => {
    const { stdout } = await inPipes(['plan', 'check', 'marimo-erp']);
    const backups = stdout.split('\n').filter((line) => line.startsWith('│ main '));
    expect(backups.length).toBeGreaterThan(0);
  });
});

test('--quiet leaves out steps and hints, and keeps the result', async () => {
  const file = path.join(folder, 'quiet.yml');
  const init = [
    'plan',
    'init',
    '--workload',
    'q',
    '--region',
    'eu-central-1',
    '--email',
    'a@example.com',
    '--yes',
  ];
  const { code, stdout } = await inPipes([...init, '--quiet', file]);
  expect({
    code,
    lines: stdout
      .trim()
      .split('\n')
      .filter((line) => line.includes('plan check')),
  }).toEqual({ code: 0, lines: [] });
  expect(stdout).toContain('quiet.yml is a plan for q');
});

describe('the exit code 3', () => {
  /** Breaks the program as soon as it listens for that. */
  const breaking = (statement: string) => ({
    env: {
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(
        `const wait = () => process.listenerCount('uncaughtException') ? (() => { ${statement} })() : setImmediate(wait); wait();`,
      )}"`,
    },
  });

  test.each([
    ['an uncaught error', "throw new TypeError('x is not a function')"],
    ['a rejection that nobody handles', "Promise.reject(new TypeError('x is not a function'))"],
  ])('says that Lifeboat itself broke, and what to report: %s', async (_, statement) => {
    const { code, stderr } = await inPipes(['plan', 'check'], breaking(statement));
    expect(code).toBe(3);
    expect(stderr).toMatch(/^TypeError: x is not a function\n/);
    expect(stderr).toContain('This is a defect of Lifeboat: it says nothing about your backups or queues.');
    expect(stderr).toContain('--verbose');
  });

  test.runIf(process.platform === 'linux')(
    'says that the disk is full where output goes to a full disk',
    async () => {
      const { code, stderr } = await inShell(`"${process.execPath}" cli/lifeboat.js plan check > /dev/full`);
      expect(code).toBe(3);
      expect(stderr).toMatch(/^DiskFull: the disk of this machine is full/);
    },
  );

  test('is not lost where nobody reads the document', async () => {
    const line = `"${process.execPath}" cli/lifeboat.js plan check --json | head -c 10 > /dev/null; exit \${PIPESTATUS[0]}`;
    expect(await inShell(line)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('EPIPE') });
  });
});

describe('before messages are delivered', () => {
  test('a person is asked, and anything but yes sends nothing', async () => {
    for (const answer of ['n\n', '\n', 'yess\n', '\u0003']) {
      const { code, stdout } = await atTerminal(['replay', 'mailblast'], { answer });
      expect(stdout).toContain(
        'Deliver the dead letters of mailblast/webhook-events, stage prod, to the webhook of ',
      );
      expect(stdout).toContain('Nothing was sent.');
      expect(code).toBe(130);
    }
  });

  test('yes goes on, here until there are no credentials', async () => {
    const { code, stdout } = await atTerminal(['replay', 'mailblast'], { answer: 'y\n' });
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('AWS_PROFILE') });
  });

  test('a script needs --yes, and is told', async () => {
    for (const command of [
      ['replay', 'mailblast'],
      ['rehydrate', 'mailblast', 'pending-campaigns'],
    ]) {
      const without = await inPipes(command);
      expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
      expect((await inPipes([...command, '--yes'])).stderr).toContain('AWS_PROFILE');
      expect((await inPipes([...command, '--dry-run'])).stderr).toContain('AWS_PROFILE');
    }
  });
});

describe('a printed command can be typed as it is', () => {
  const init = [
    'plan',
    'init',
    '--workload',
    'shop',
    '--region',
    'eu-central-1',
    '--email',
    'a@example.com',
    '--yes',
  ];

  test('from a folder outside of the project, with a space and a quote in its name', async () => {
    const cwd = await mkdtemp(path.join(folder, "it's here "));
    const { stdout } = await inPipes(init, { cwd });
    const line =
      stdout
        .split('\n')
        .find((each) => each.includes('plan check'))
        ?.trim() ?? '';
    expect(line).toMatch(/^node .*lifeboat\.js'? plan check shop\.yml$/);
    const env = { PATH: `${path.join(projectFolder, 'node_modules/.bin')}:${process.env.PATH}` };
    expect(await inShell(line, { cwd, env })).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(['.', 'docs', 'packages/process-kit'])('from inside the project: %s', async (inside) => {
    const cwd = path.join(projectFolder, inside);
    const { stderr } = await inPipes(['status', 'mailblast'], { cwd });
    const line = /start an AWS of your own: (.*)$/m.exec(stderr)?.[1] ?? '';
    expect(line).toBe('npx lifeboat local');
    const home = await mkdtemp(path.join(folder, 'home-'));
    const help = await inShell(`${line} --help`, { cwd, env: { HOME: home } });
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: lifeboat local') });
  });
});

describe('where a person stands', () => {
  test('is what paths are relative to, under npm run too', async () => {
    await writeFile(path.join(folder, 'mine.yml'), 'lifeboat: 1\n');
    const env = { INIT_CWD: folder, npm_lifecycle_event: 'lifeboat' };
    const { code, stdout } = await inPipes(['plan', 'check', './mine.yml'], { env });
    expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.stringMatching(/✖ \.\/mine\.yml/) });
  });

  test('decides which plan is meant: the only one there', async () => {
    const cwd = await mkdtemp(path.join(folder, 'one-'));
    const init = [
      'plan',
      'init',
      '--workload',
      'only',
      '--region',
      'eu-central-1',
      '--email',
      'a@example.com',
      '--yes',
    ];
    await inPipes(init, { cwd });
    await writeFile(path.join(cwd, 'compose.yml'), 'services: {}\n');
    expect((await inPipes(['status'], { cwd })).stderr).toContain('AWS_PROFILE'); // it got as far as AWS
    await writeFile(path.join(cwd, 'second.yml'), 'lifeboat: 1\n');
    const several = await inPipes(['status'], { cwd });
    expect(several).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('name one: only.yml, second.yml'),
    });
  });
});

describe('without a plan that is named', () => {
  const shop = ['--workload', 'shop', '--region', 'eu-central-1', '--email', 'a@example.com', '--yes'];
  const withPlan = async (): Promise<string> => {
    const cwd = await mkdtemp(path.join(folder, 'shop-'));
    await inPipes(['plan', 'init', ...shop], { cwd });
    return cwd;
  };

  test.each([
    [['drill', '--load', 'my.sql']],
    [['local', '--load', 'my.sql']],
    [['local', '--function', 'worker=worker.ts']],
  ])('%j is not about the sample application', async (command) => {
    const cwd = await mkdtemp(path.join(folder, 'empty-'));
    const { code, stderr } = await inPipes(command, { cwd });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('name one with --plan'),
    });
    expect(stderr).toMatch(/write one: node .*lifeboat\.js plan init$/m);
  });

  test.each([
    [['drill', '--load', 'my.sql', '--test', 'no-such'], 'no restore test "no-such"'],
    [['local', '--load', 'my.sql', '--database', 'no-such'], 'no database "no-such"'],
    [['drill'], 'no sample data for workload "shop"'],
    [['drill', 'replay'], 'no sample data for workload "shop"'],
  ])('%j means the only plan of the folder', async (command, about) => {
    const { code, stderr } = await inPipes(command, { cwd: await withPlan() });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(about) });
  });

  test('the help says which plan is meant', async () => {
    const { stdout } = await inPipes(['drill', '--help']);
    expect(stdout.replace(/\s+/g, ' ')).toContain('without it the only one here, or else mailblast');
  });
});

test('plan check counts the letters of the stage that it is asked about', async () => {
  const stage = 's'.repeat(30);
  const long = await inPipes(['plan', 'check', 'mailblast', '--stage', stage]);
  expect(long).toMatchObject({ code: 2, stdout: expect.stringContaining(`with stage "${stage}" names`) });
  const fromEnvironment = await inPipes(['plan', 'check', 'mailblast'], { env: { LIFEBOAT_STAGE: stage } });
  expect(fromEnvironment.code).toBe(2);
});

describe('before quarantined messages are put on their queue again', () => {
  const release = ['replay', 'quarantine', 'release', 'mailblast', 'webhook-events'];

  test('a person is asked, and told which and how many', async () => {
    const one = await atTerminal([...release, '20261122T040000000Z-0f1e2d3c'], { answer: 'n\n' });
    expect(one).toMatchObject({ code: 130, stdout: expect.stringContaining('Nothing was released.') });
    expect(one.stdout).toContain('Put 1 quarantined message of mailblast/webhook-events, stage prod, on');
    const all = await atTerminal([...release, '--all', '--kind', 'refused'], { answer: 'n\n' });
    expect(all.stdout).toContain('Put every quarantined message of kind refused of mailblast/webhook-events');
  });

  test('a script needs --yes, and is told how to look first', async () => {
    const without = await inPipes([...release, 'x']);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
    expect(without.stderr).toContain('"npx lifeboat replay quarantine list mailblast webhook-events"');
    expect((await inPipes([...release, 'x', '--yes'])).stderr).toContain('AWS_PROFILE');
  });
});
