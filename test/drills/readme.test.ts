import { readFile } from 'node:fs/promises';
import { Command, type Outcome, run } from 'process-kit/command';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Command lines of the README, comments cut off. */
const README = (await readFile('README.md', 'utf8'))
  .split(/^```sh\n([\s\S]*?)^```$/m)
  .filter((_, index) => index % 2 === 1)
  .flatMap((block) => block.trim().split('\n'))
  .map((line) => line.replace(/\s+#.*/, ''));

/** What each command must do. A command of the README that is not here, and one here that is not there, fail. */
const EXPECTED: Record<string, ((outcome: Outcome) => void) | { elsewhere: string }> = {
  'npm ci && npm run drill': {
    elsewhere: 'drill.test.ts; the installation is the machine that runs the tests',
  },
  'npm run drill -- replay': { elsewhere: 'replay-drill.test.ts' },
  'npm run drill -- rds': { elsewhere: 'rds-drill.test.ts' },
  'npm ci && npm test': { elsewhere: 'this very run: .ci/run' },
  'npm run lifeboat -- local': { elsewhere: 'below: the others run against it' },
  'npm run lifeboat -- plan check': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/mailblast[\s\S]*marimo-erp/);
  },
  'npm run lifeboat -- backup mailblast': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/taken/i);
  },
  'npm run lifeboat -- restore-test mailblast': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/verified/i);
    expect(stdout).toMatch(/RPO[\s\S]*RTO[\s\S]*evidence/i);
  },
  'npm run lifeboat -- restore mailblast --at newest --into mailblast_restored --yes': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/restored and handed over[\s\S]*lifeboat\/mailblast\/restored/i);
  },
  'npm run lifeboat -- verify mailblast': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/intact[\s\S]*refused +to hide it behind a delete marker/i);
  },
  'npm run lifeboat -- replay mailblast --dry-run': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/DRY RUN +100 messages in the queue/);
  },
  'npm run lifeboat -- replay mailblast --yes': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/REPLAYED[\s\S]*100 received = \d+ delivered \+ \d+ duplicates/);
  },
  'npm run lifeboat -- replay quarantine list mailblast': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/unparsable[\s\S]*replay quarantine show/);
  },
  'npm run lifeboat -- status mailblast': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/verified/);
    expect(stdout).toMatch(/webhook-events +│ mailblast-dlq +│ +0 /);
  },
  'npm run lifeboat -- --help': ({ code, stdout }) => {
    expect(code).toBe(0);
    expect(stdout).toMatch(/Start here:[\s\S]*Exit codes:/);
  },
  ...Object.fromEntries(
    [
      'mkdir recovery && cd recovery',
      'node ../lifeboat/cli/lifeboat.js plan init --workload shop --region eu-central-1 --email oncall@example.com --yes',
      'pg_dump --no-owner --no-privileges --file=shop.sql shop',
      'node ../lifeboat/cli/lifeboat.js drill --load shop.sql --plan shop.yml',
      'node ../lifeboat/cli/lifeboat.js plan init --workload orders --region eu-central-1 --email oncall@example.com --queue orders-dlq --target function:orders-worker --yes',
      'node ../lifeboat/cli/lifeboat.js local --plan orders.yml --no-data --function orders-worker=worker.mjs',
    ].map((line) => [line, { elsewhere: 'own-application.test.ts' }]),
  ),
  'npm run lifeboat -- deploy mailblast --stage prod --yes': ({ code, stdout, stderr }) => {
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/us-west-2 \(standby\)[\s\S]*us-east-1 \(primary\)/);
  },
};

let local: Command;
let environment: Record<string, string>;

beforeAll(async () => {
  local = new Command('npm run lifeboat -- local');
  await local.printed(/Ctrl-C/);
  environment = Object.fromEntries(
    [...local.stdout.matchAll(/export (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
}, 120_000);

afterAll(async () => {
  local.interrupt();
  await local.outcome();
}, 30_000);

describe('the README', () => {
  test('names no command that is not run here', () => {
    expect(README).toEqual(expect.arrayContaining(Object.keys(EXPECTED)));
    expect(Object.keys(EXPECTED)).toEqual(expect.arrayContaining(README));
  });

  test.each(README.filter((line) => typeof EXPECTED[line] === 'function'))(
    'is right about: %s',
    async (line) => {
      const expectation = EXPECTED[line];
      // osls looks every 5 s whether a stack is ready, which would be most of its deployment here.
      const outcome = await run(line, { ...environment, SLS_AWS_MONITORING_FREQUENCY: '250' });
      if (typeof expectation === 'function') expectation(outcome);
    },
    180_000,
  );

  test('is right that Ctrl-C ends the local AWS', async () => {
    local.interrupt();
    const { stdout } = await local.outcome();
    expect(stdout).toMatch(/everything torn down/);
    await expect(fetch(environment.AWS_ENDPOINT_URL ?? '')).rejects.toThrow();
  }, 30_000);
});
