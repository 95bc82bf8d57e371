import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateDBInstanceCommand, RDSClient, waitUntilDBInstanceAvailable } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import type { Assessment, SignalState } from '../../shared/failover/assess.ts';
import { planWith } from '../unit/plan/plan-text.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { type Deployed, deploy } from './support/deployed.ts';

/* The tests are one story, in order: the primary Region is watched, flaps, cannot be seen, is lost. */

const PRIMARY = 'us-east-1';
const STANDBY = 'us-west-2';
const FAILS_FOR_MS = 60_000;

const endpoints: Record<'health' | 'flaky', number> = { health: 200, flaky: 200 };
const server = http.createServer(({ url }, response) => {
  response.statusCode = endpoints[url === '/health' ? 'health' : 'flaky'];
  response.end();
});

let folder: string;
let plan: string;
let stack: Deployed;
let settings: { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = await mkdtemp(path.join(tmpdir(), 'watch-primary-'));
  plan = path.join(folder, 'mailblast.yml');
  await writeFile(plan, await watchedPlan());
  stack = await deploy({ plan, waitScale: 0.06, standby: true });
  const { aws } = stack;
  settings = {
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accountId, secretAccessKey: 'test' },
  };
  await stack.onSource(async (client) => {
    await prepareHeartbeat(client);
    await beat(client, 'mailblast', new Date());
  });
  const rds = new RDSClient({ ...settings, region: PRIMARY });
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'mailblast-prod',
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.medium',
      AllocatedStorage: 20,
      MasterUsername: 'app',
      MasterUserPassword: crypto.randomUUID(),
      StorageEncrypted: true,
    }),
  );
  const often = { minDelay: 0.2, maxDelay: 0.2, maxWaitTime: 120 };
  await waitUntilDBInstanceAvailable({ client: rds, ...often }, { DBInstanceIdentifier: 'mailblast-prod' });
}, 240_000);

afterAll(async () => {
  server.close();
  await stack?.aws.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** MailBlast's plan on RDS, watched. */
async function watchedPlan(): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const onRds = planWith(
    '    heartbeat: { every: 1m }\n',
    '    rds: { instance: mailblast-prod }\n    heartbeat: { every: 1m }\n',
    await readFile('plans/mailblast.yml', 'utf8'),
  );
  const inTwoNetworks = planWith(
    '  standby: us-west-2\n',
    '  standby: us-west-2\n  standbyNetwork: { subnets: [subnet-0a1b2c3d4e5f60021], securityGroups: [sg-0a1b2c3d4e5f60023] }\n',
    onRds,
  );
  return `${inTwoNetworks}
failover:
  signals:
    health: { health: { url: http://127.0.0.1:${port}/health }, failsFor: 1m }
    flaky: { health: { url: http://127.0.0.1:${port}/flaky }, failsFor: 1m }
    database: { connect: main, failsFor: 1m }
    writes: { heartbeat: { database: main, olderThan: 1h }, failsFor: 1m }
    instance: { rds: main, failsFor: 1m }
  decide: { of: [health, database, instance], atLeast: 2 }
`;
}

type Watched = Pick<Assessment, 'primary'> & { signals: Pick<SignalState, 'name' | 'seen' | 'detail'>[] };

async function watch(): Promise<Watched> {
  const lambda = new LambdaClient({ ...settings, region: STANDBY });
  const FunctionName = `${stack.aws.stack.name}-watch-primary`;
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  const body = JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
  if (FunctionError) throw new Error(JSON.stringify(body));
  return body;
}

const signal = ({ signals }: { signals: Watched['signals'] }, name: string) =>
  signals.find((each) => each.name === name);

/** Runs a command as a person does who has nothing but the plan and the account. */
async function status() {
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...environment } = stack.aws.environment;
  const all = ['cli/lifeboat.js', 'status', plan, '--region', 'standby', '--stage', 'local', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, all, {
    env: { PATH: process.env.PATH, ...environment },
  });
  const document = JSON.parse(stdout);
  expect(mistakesIn('status', document)).toEqual([]);
  return document;
}

test('is healthy while it is, also for two watchers at the same time', async () => {
  const both = await Promise.all([watch(), watch()]);
  for (const seen of both) {
    expect(seen.primary).toBe('healthy');
    expect(seen.signals.map(({ seen }) => seen)).toEqual(Array(5).fill('healthy'));
  }
  const { failover } = await status();
  expect(failover).toMatchObject({ assessment: { primary: 'healthy' } });
  expect(failover.gates).toMatchObject([{ database: 'main', decision: { gate: 'ask', least: null } }]);
});

test('with an endpoint that flaps, says that it flaps', async () => {
  for (const answer of [503, 200, 503, 200, 503, 200]) {
    endpoints.flaky = answer;
    await watch();
  }
  const { failover } = await status();
  const flaky = failover.assessment.signals.find(({ name }: SignalState) => name === 'flaky');
  expect(flaky).toMatchObject({ seen: 'healthy', flaps: true, counts: false, decides: false });
});

test('without a permission or a secret, says unknown and not that the primary failed', async () => {
  const denied = { status: 403, code: 'AccessDenied', message: 'not authorized to perform this' } as const;
  const { gateway } = stack.aws;
  const lift = [
    gateway.disturb({ match: { region: PRIMARY, service: 'rds' }, fault: denied }),
    gateway.disturb({ match: { region: STANDBY, service: 'secretsmanager' }, fault: denied }),
  ];
  const seen = await watch();
  for (const each of lift) each();
  expect(seen.primary).toBe('undecided');
  expect(signal(seen, 'instance')).toMatchObject({
    seen: 'unknown',
    detail: expect.stringContaining('not authorized'),
  });
  for (const name of ['database', 'writes'])
    expect(signal(seen, name)).toMatchObject({
      seen: 'unknown',
      detail: expect.stringContaining('secret "mailblast/'),
    });
  expect(signal(seen, 'health')).toMatchObject({ seen: 'healthy' });
  expect((await watch()).primary).toBe('healthy');
});

test("with the watcher's own network broken, says so and not that the primary failed", async () => {
  const lift = stack.aws.gateway.disturb({ match: { service: 'rds' }, fault: 'drop' });
  const seen = await watch();
  lift();
  expect(signal(seen, 'instance')).toMatchObject({
    seen: 'unknown',
    detail: expect.stringContaining('the network of the watcher itself does not work'),
  });
});

test('is lost once enough signals failed for their time, since when they did, and only looks call it', async () => {
  expect((await watch()).primary).toBe('healthy');
  const killedAt = Date.now();
  endpoints.health = 503;
  await stack.aws.source.kill();
  const bringBack = stack.aws.gateway.takeDown(PRIMARY);
  stack.aws.gateway.forget();
  try {
    const first = await watch();
    expect(first.primary).toBe('undecided');
    expect(signal(first, 'database')).toMatchObject({ seen: 'failing' });
    expect(signal(first, 'instance')).toMatchObject({ seen: 'failing' });
    expect(signal(first, 'writes')).toMatchObject({ seen: 'unknown' });
    const firstAt = Date.now();
    await sleep(FAILS_FOR_MS + 1_000);
    expect((await watch()).primary).toBe('lost');

    const { failover } = await status();
    expect(failover.assessment).toMatchObject({ primary: 'lost', held: [] });
    const { since, lastHealthy } = failover.assessment;
    expect(Date.parse(since)).toBeGreaterThanOrEqual(killedAt);
    expect(Date.parse(since)).toBeLessThanOrEqual(firstAt);
    expect(Date.parse(lastHealthy)).toBeLessThanOrEqual(killedAt);

    const ofWatch = stack.aws.gateway
      .calls()
      .filter(({ caller }) => caller?.functionName.endsWith('-watch-primary'));
    const toPrimary = ofWatch.filter(({ region }) => region === PRIMARY);
    expect(new Set(toPrimary.map(({ action }) => action))).toEqual(new Set(['rds:DescribeDBInstances']));
    expect(new Set(ofWatch.filter(({ region }) => region === STANDBY).map(({ action }) => action))).toEqual(
      new Set([
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'rds:DescribeDBInstances',
        'secretsmanager:GetSecretValue',
      ]),
    );
  } finally {
    bringBack();
  }
}, 120_000);

test('holds back where somebody switched the automatic failover off', async () => {
  const dynamo = new DynamoDBClient({ ...settings, region: STANDBY });
  const { FailoverTable } = stack.aws.standby?.stack.outputs ?? {};
  const Item = {
    key: { S: 'automatic-failover' },
    since: { S: '2026-01-05T12:00:00Z' },
    by: { S: 'alice' },
    reason: { S: 'the standby is upgraded' },
  };
  await dynamo.send(new PutItemCommand({ TableName: FailoverTable, Item }));
  const { failover } = await status();
  expect(failover.assessment.held ?? failover.assessment.because).toEqual([
    'alice switched the automatic failover off at 2026-01-05T12:00:00.000Z: the standby is upgraded',
  ]);
});
