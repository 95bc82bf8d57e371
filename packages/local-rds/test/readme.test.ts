import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Command, run } from 'process-kit/command';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { supported } from '../api/registry.ts';
import { clients } from '../python/environments.ts';
import { controls } from '../rehearsal/controls.ts';

/** Commands of README.md, each with what the text says that it prints. */
const README = await readFile('README.md', 'utf8');
const EXAMPLES = [...README.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map(
  ([, commands = '', output = '']) => ({ commands, output }),
);
const [START, ...REST] = EXAMPLES;

const found = (command: string) =>
  promisify(execFile)(command, ['--version']).then(
    () => true,
    () => false,
  );
// The AWS CLI is brought along; these are no dependency of this project.
const missing: string[] = [];
for (const tool of ['psql', 'curl']) if (!(await found(tool))) missing.push(tool);

const without = missing.length > 0 ? ` (skipped: no ${missing.join(', ')} on PATH)` : '';

describe.runIf(missing.length === 0)(`the README of the local RDS${without}`, () => {
  let folder: string;
  let rds: Command;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'rds-readme-'));
    await mkdir(path.join(folder, 'bin'));
    const aws = `#!/bin/sh\nexec '${await clients()}' -m awscli "$@"\n`;
    await writeFile(path.join(folder, 'bin', 'aws'), aws, { mode: 0o755 });
    rds = new Command(`${START?.commands.trim()} -- --folder ${folder}/rds`);
    await promisify(execFile)('chmod', ['711', folder]); // the servers' user must pass
    await rds.printed(/Ctrl-C/);
    const exported = [...rds.stdout.matchAll(/^ {2}export (.*)$/gm)].flatMap(([, line = '']) =>
      line.split(' '),
    );
    environment = {
      ...Object.fromEntries(exported.map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
      PATH: `${folder}/bin:${process.env.PATH}`,
    };
  }, 120_000);
  afterAll(async () => {
    rds.interrupt();
    await rds.outcome();
    await rm(folder, { recursive: true, force: true });
  }, 30_000);

  test('is right about every command, and about what it prints', async () => {
    const script = REST.map(({ commands }, index) => `echo "=== ${index}"\n${commands}`).join('\n');
    const { code, stdout, stderr } = await run(`set -eu -o pipefail\n${script}`, environment);
    const printed = stdout.split(/^=== \d+\n/m).slice(1);
    expect({ printed, stderr }).toMatchObject({ printed: REST.map(({ output }) => output) });
    expect(code).toBe(0);
  }, 240_000);

  test('is right that Ctrl-C ends it, with all of its servers, and that it goes on from its folder', async () => {
    rds.interrupt();
    expect((await rds.outcome()).stdout).toMatch(/Stopped\. Everything is kept/);
    await expect(fetch(environment.AWS_ENDPOINT_URL_RDS ?? '')).rejects.toThrow();
    const again = new Command(`${START?.commands.trim()} -- --folder ${folder}/rds`);
    await again.printed(/Ctrl-C/);
    const [, endpoint = ''] = /AWS_ENDPOINT_URL_RDS=(\S+)/.exec(again.stdout) ?? [];
    const names = await run(
      `aws rds describe-db-instances --query 'sort(DBInstances[].DBInstanceIdentifier)' --output text`,
      { ...environment, AWS_ENDPOINT_URL_RDS: endpoint },
    );
    expect(names.stdout.trim().split('\t')).toEqual(['replica', 'shop-again', 'sound']);
    again.interrupt();
    await again.outcome();
  }, 60_000);
});

test('the README of the local RDS shows every control', () => {
  const shown = EXAMPLES.map(({ commands }) => commands).join('');
  for (const { name } of controls) expect(shown).toContain(`$REHEARSAL/${name}`);
});

test('npm run rds -- --supported lists what the code supports', async () => {
  const { stdout, code } = await run('npm run --silent rds -- --supported');
  expect(code).toBe(0);
  const listed = stdout.split('\n').filter((line) => /^\w/.test(line));
  expect(listed).toEqual(supported().map(({ action }) => action));
  expect(stdout).toContain('    DBSnapshotIdentifier\n');
}, 20_000);

test('npm run rds -- --help says how it is used', async () => {
  const { stdout, code } = await run('npm run --silent rds -- --help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/--folder[\s\S]*Ctrl-C[\s\S]*Examples:/);
}, 20_000);

test.each([
  ['--port 99999', /1 to 65535/],
  ['--archive-every never', /seconds/],
  ['--no-such-option', /unknown option/],
])(
  'npm run rds -- %s is refused with what was expected',
  async (options, message) => {
    const { code, stderr } = await run(`npm run --silent rds -- ${options}`);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  },
  20_000,
);
