import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const entry = path.resolve(import.meta.dirname, '../../../cli/lifeboat.js');
let folder: string;
let brokenPlan: string;

// Each test starts a process or two of Node, which take long where the machine is busy.
vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-cli-'));
  brokenPlan = path.join(folder, 'broken.yml');
  await writeFile(brokenPlan, 'lifeboat: 1\nworkload: x\nregoins: {}\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command as a person would, with nothing of this machine's AWS settings. */
function lifeboat(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('the command line', () => {
  it('suggests the command that was meant, on stderr, with exit code 2', async () => {
    const { code, stdout, stderr } = await lifeboat('bakup', 'mailblast');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Did you mean backup?');
  });

  it('refuses a wrong plan with every mistake and its place', async () => {
    const { code, stdout } = await lifeboat('plan', 'check', brokenPlan);
    expect(code).toBe(2);
    expect(stdout).toMatch(/broken\.yml:3:1: unknown key "regoins"; did you mean "regions"/);
    expect(stdout).toContain('databases: missing');
  });

  it('has nothing but one document on stdout with --json', async () => {
    const good = await lifeboat('plan', 'check', 'mailblast', '--json');
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout).plans[0].valid).toBe(true);
  });

  it('has nothing but one document on stdout with --json for an error', async () => {
    const wrong = await lifeboat('backup', 'mailblast', '--database', 'mian', '--json');
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.stdout).error).toEqual({
      name: 'NotInPlan',
      message: 'the plan has no database "mian"; it has: main',
    });
  });

  it('has nothing but one document on stdout with --json for an unknown command', async () => {
    const unknown = await lifeboat('--json', 'bakup');
    expect(JSON.parse(unknown.stdout).error.message).toContain('bakup');
  });

  it('says what to do without credentials, and shows no stack trace', async () => {
    const { code, stderr } = await lifeboat('status', 'mailblast');
    expect(code).toBe(3);
    expect(stderr).toContain('AWS_PROFILE');
    expect(stderr).not.toContain('    at ');
  });

  it('points at the place in a filter where reading stopped, before anything is asked of AWS', async () => {
    const { code, stdout, stderr } = await lifeboat('replay', 'mailblast', '--filter', 'a ==');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^ExpressionInvalid: .*column 5 on:\n {2}│ {3}a ==\n {2}│ {7}\^\n/);
  });

  it('takes for a subcommand no option of the command above it, but those that both have', async () => {
    const stray = await lifeboat('replay', 'quarantine', 'list', 'mailblast', '--max', '3');
    expect(stray).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown option '--max'") });
    const shared = await lifeboat('replay', 'quarantine', 'list', 'mailblst', '--stage', 'x', '--json');
    expect(JSON.parse(shared.stdout).error.name).toBe('UnknownPlan');
  });

  it.each([
    'drill',
    'drill replay',
    'drill rds',
    'local',
    'backup',
    'restore-test',
    'replay',
    'replay quarantine',
    'replay quarantine release',
    'rehydrate',
    'status',
  ])('teaches %s by examples', async (command) => {
    const { code, stdout } = await lifeboat(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:');
  });
});
