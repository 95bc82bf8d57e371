import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createAuthority } from 'certificate-authority';
import { postgresBinaries } from 'local-postgres/binaries';
import { postgresRelease } from 'local-postgres/release';
import { startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { Command, run } from 'process-kit/command';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeBinFolder, projectFolder } from '../../local/folders.ts';
import { type Run, startRun } from '../../local/runs.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { watchRuns } from './runs-left.ts';

/** The commands of the README's section, in order, as a person types them beside a clone of the project. */
const section = (await readFile('README.md', 'utf8'))
  .split(/^## /m)
  .find((text) => text.startsWith('Your own application'));
const commands = [...(section ?? '').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);
const [enter = '', init = '', dump = '', drill = '', initWithQueue = '', local = ''] = commands;

let beside: string;
let server: Run;
let environment: Record<string, string>;

/** What nobody here has a sample of: a schema with partitions, a domain, a SQL body, a view over a view, and odd values. */
const SCHEMA = `
  CREATE DOMAIN money_cents AS bigint CHECK (VALUE >= 0);
  CREATE TYPE state AS ENUM ('new', 'paid; shipped');
  CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, seen tstzrange);
  CREATE TABLE orders (id bigint, customer int REFERENCES customers, at timestamptz NOT NULL, cents money_cents, state state)
    PARTITION BY RANGE (at);
  CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE INDEX ON orders (customer, at);
  CREATE FUNCTION spent(customer int) RETURNS bigint STABLE
    BEGIN ATOMIC SELECT coalesce(sum(cents), 0) FROM orders WHERE orders.customer = spent.customer; END;
  CREATE VIEW totals AS SELECT id, name, spent(id) FROM customers;
  CREATE MATERIALIZED VIEW best AS SELECT * FROM totals ORDER BY spent DESC, id LIMIT 10;
  INSERT INTO customers (name, seen) SELECT E'it''s; "n" ' || n || E'\\t\\\\.\\n', tstzrange(now(), NULL) FROM generate_series(1, 500) n;
  INSERT INTO orders SELECT n, 1 + n % 500, timestamptz '2025-01-01' + n * interval '1 hour', n, 'paid; shipped' FROM generate_series(1, 12000) n;
  REFRESH MATERIALIZED VIEW best;`;

beforeAll(async () => {
  beside = await mkdtemp(path.join(os.tmpdir(), 'own-application-'));
  await symlink(projectFolder, path.join(beside, 'lifeboat'));
  server = await startRun();
  const shop = await startPostgres(server, {
    name: 'shop',
    binaries: await postgresBinaries(server.folder),
    ca: await createAuthority('shop'),
  });
  const owner = await shop.createDatabase({ name: 'shop', owner: 'shopkeeper' });
  const client = new pg.Client(owner);
  await client.connect();
  await client.query(SCHEMA);
  await client.end();
  environment = {
    PATH: [path.join(await postgresRelease(18), 'bin'), nodeBinFolder, process.env.PATH].join(':'),
    PGHOST: owner.host,
    PGPORT: String(owner.port),
    PGUSER: owner.user,
    PGPASSWORD: owner.password,
    PGSSLMODE: 'require',
  };
}, 180_000);

afterAll(async () => {
  await server?.stop();
  await rm(beside, { recursive: true, force: true });
});

const inRecovery = (line: string) => `cd ${path.join(beside, 'recovery')} && ${line}`;

test('a person drills their own schema from an empty folder, by the words of the README', async () => {
  expect(enter).toBe('mkdir recovery && cd recovery');
  const runsLeft = await watchRuns();
  const written = await run([`cd ${beside}`, enter, init, dump].join(' && '), environment);
  expect(written).toMatchObject({ code: 0 });
  expect(written.stdout).toMatch(/shop\.yml is a plan for shop[\s\S]*drill --load my\.sql --plan shop\.yml/);

  const { code, stdout, stderr } = await run(inRecovery(drill), environment);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/its data loaded .*3 tables/);
  expect(stdout).toMatch(/RESTORE VERIFIED/);
  expect(stdout).toMatch(/RPO .*target 1d: met \(measured\)/);
  expect(stdout).toMatch(/everything torn down/);
  expect(await runsLeft()).toEqual([]);
  const [, evidence = ''] = /evidence +(\S+\.json)/.exec(stdout) ?? [];
  await rm(path.resolve(beside, 'recovery', evidence));
}, 240_000);

test('a plan that exists is not overwritten', async () => {
  const { code, stderr } = await run(inRecovery(init), environment);
  expect(code).toBe(2);
  expect(stderr).toMatch(/shop\.yml exists and is left as it is/);
});

test('a statement that fails names its file, its line and what the server said', async () => {
  const folder = path.join(beside, 'broken');
  await mkdir(folder);
  await writeFile(
    path.join(folder, 'broken.sql'),
    'CREATE TABLE a (b int);\n\nINSERT INTO a\n  VALUES (1 / 0);\n',
  );
  const line = drill.replace('shop.sql', 'broken.sql').replace('shop.yml', '../recovery/shop.yml');
  const { code, stderr } = await run(`cd ${folder} && ${line}`, environment);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /ScriptFailed: broken\.sql:3: division by zero \(SQLSTATE 22012\)[\s│]*The statement begins: INSERT INTO a/,
  );
}, 180_000);

test('their function gets the messages of their dead-letter queue, and every document fits its published schema', async () => {
  const received: string[] = [];
  const inbox = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
  const { port } = inbox.address() as AddressInfo;
  await mkdir(path.join(beside, 'recovery'), { recursive: true });
  await writeFile(
    path.join(beside, 'recovery', 'worker.mjs'),
    `export const handler = (event) => fetch('http://127.0.0.1:${port}', { method: 'POST', body: JSON.stringify(event), headers: { connection: 'close' } });\n`,
  );
  expect(await run(inRecovery(initWithQueue), environment)).toMatchObject({ code: 0 });
  const planFile = path.join(beside, 'recovery', 'orders.yml');
  const plan = await readFile(planFile, 'utf8');
  await writeFile(planFile, plan.replace('    scenario: messages-lost', '    format: json\n$&'));

  // What a person reads goes to stderr, so that it is followed here; the document is printed at the end.
  const aws = new Command(inRecovery(`${local} --json 2>&1 >local.json`), environment);
  try {
    await aws.printed(/Ctrl-C tears it down/);
    const exported = Object.fromEntries(
      [...aws.stdout.matchAll(/export (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const sqs = new SQSClient({
      endpoint: exported.AWS_ENDPOINT_URL ?? '',
      region: 'eu-central-1',
      credentials: { accessKeyId: exported.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: 'test' },
    });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders-dlq' }));
    for (const MessageBody of ['{"orderId":42}', 'not JSON'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    sqs.destroy();
    const lifeboat = async (words: string) => {
      const line = inRecovery(`node ../lifeboat/cli/lifeboat.js ${words} --json`);
      const { code, stdout, stderr } = await run(line, { ...environment, ...exported });
      return {
        code,
        stderr,
        mistakes: (schema: string) => mistakesIn(schema, stdout),
        document: JSON.parse(stdout),
      };
    };
    const replayed = await lifeboat('replay ./orders.yml --yes');
    expect(replayed, replayed.stderr).toMatchObject({ code: 0 });
    expect(replayed.mistakes('run')).toEqual([]);
    expect(received.join()).toMatch(/orderId.{1,3}:42/);

    const listed = await lifeboat('replay quarantine list ./orders.yml');
    expect(listed.mistakes('quarantine-list')).toEqual([]);
    expect(listed.document).toMatchObject({ total: 1, messages: [{ kind: 'unparsable' }] });
    const one = `./orders.yml orders-dlq ${listed.document.messages[0].id}`;
    const shown = await lifeboat(`replay quarantine show ${one}`);
    expect(shown.mistakes('quarantine-show')).toEqual([]);
    expect(shown.document.message.body).toBe('not JSON');
    const released = await lifeboat(`replay quarantine release ${one} --yes`);
    expect(released.mistakes('quarantine-release')).toEqual([]);
    const again = await lifeboat(`replay quarantine release ${one} --yes`);
    expect(again.mistakes('quarantine-release')).toEqual([]);
    const outcomes = [released, again].map(({ code, document }) => [code, document.messages[0].outcome]);
    expect(outcomes).toEqual([
      [0, 'released'],
      [1, 'kept'],
    ]);
    const status = await lifeboat('status ./orders.yml');
    expect(status.mistakes('status')).toEqual([]);
    expect(status.document).toMatchObject({
      recent: [{ machine: 'release' }, { machine: 'replay' }],
      queues: [{ depth: { visible: 1 }, lastReplay: { machine: 'replay' } }],
    });
  } finally {
    aws.interrupt();
    await aws.outcome();
    inbox.close();
  }
  const printed = await readFile(path.join(beside, 'recovery', 'local.json'), 'utf8');
  expect(mistakesIn('local', printed)).toEqual([]);
}, 240_000);
