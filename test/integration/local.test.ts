import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetBucketEncryptionCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/start-postgres';
import pg from 'pg';
import { isAlive } from 'process-kit/identity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knownRuns, startRun } from '../../local/runs.ts';
import { loadSample } from '../../local/sample/load-sample.ts';
import { eventsOf } from '../../local/sample/write-event.ts';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import { startWriter } from '../../local/writer.ts';
import { newestHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import { buildService } from './local-service/build.ts';
import { callAsRoot } from './support/call-as-root.ts';

const plan = 'plans/mailblast.yml';
let service: Awaited<ReturnType<typeof buildService>>;
let aws: LocalAws;
let other: LocalAws;

beforeAll(async () => {
  service = await buildService();
  const start = () => startLocalAws({ plan, serviceDirectory: service.directory });
  [aws, other] = await Promise.all([start(), start()]);
});

afterAll(async () => {
  await Promise.all([aws?.stop(), other?.stop(), service?.remove()]);
});

/** An SDK client's settings, as the account's root user. */
const asRoot = (local: LocalAws, region = local.region) => ({
  region,
  endpoint: local.endpoint,
  credentials: { accessKeyId: local.accountId, secretAccessKey: 'test' },
});

async function withClient<Result>(connection: pg.ClientConfig, use: (client: pg.Client) => Promise<Result>) {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const database = (): Connection => {
  const { main } = aws.databases;
  if (!main) throw new Error('the plan has no database "main"');
  return main;
};

async function probe(local: LocalAws, key: string): Promise<{ node: string; object: string; item: string }> {
  const lambda = new LambdaClient(asRoot(local));
  const Payload = JSON.stringify({ key });
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: local.stack.outputs.ProbeName, Payload }),
  );
  return JSON.parse(new TextDecoder().decode(answer.Payload)) as {
    node: string;
    object: string;
    item: string;
  };
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** Whether anybody listens on a port of this machine. */
function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

async function recordOf(runFolder: string) {
  const record = (await knownRuns()).find(({ folder }) => folder === runFolder);
  if (!record) throw new Error(`no record of ${runFolder}`);
  return record;
}

describe('a PostgreSQL server', () => {
  test('takes a connection from who trusts its authority', async () => {
    const { rows } = await withClient(database(), (client) =>
      client.query('SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    );
    expect(rows[0].version).toMatch(/^TLSv1\.[23]$/);
  });

  test('is refused by who trusts another authority', async () => {
    const { certificate } = await createAuthority('somebody else');
    const connecting = withClient({ ...database(), ssl: { ca: certificate } }, async () => {});
    await expect(connecting).rejects.toThrow(/certificate|signature/i);
  });

  test('refuses a connection without TLS', async () => {
    await expect(withClient({ ...database(), ssl: false }, async () => {})).rejects.toThrow(
      /pg_hba\.conf|encryption/,
    );
  });

  test('gives the owner of a database no more than that', async () => {
    const { rows } = await withClient(database(), (client) =>
      client.query('SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user'),
    );
    expect(rows).toEqual([{ rolsuper: false, rolcreatedb: false }]);
  });

  test('comes back with its data on the same port after a power cut', async () => {
    await withClient(database(), (client) => client.query('CREATE TABLE survives AS SELECT 1 AS n'));
    await aws.source.kill();
    expect(await isListening(aws.source.port)).toBe(false);
    await aws.source.start();
    const { rows } = await withClient(database(), (client) => client.query('TABLE survives'));
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe('the secrets of the plan', () => {
  test('hold the databases and the authority', async () => {
    const secrets = new SecretsManagerClient(asRoot(aws));
    const read = async (SecretId: string) =>
      (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    const source = JSON.parse((await read('mailblast/database')) ?? '');
    expect(source).toMatchObject({ engine: 'postgres', host: '127.0.0.1', port: aws.source.port });
    expect(source.dbname).toBe(database().database);
    expect(await read('mailblast/database-ca')).toMatch(/^-----BEGIN CERTIFICATE-----/);

    const scratch = JSON.parse((await read('mailblast/scratch')) ?? '');
    expect(scratch).toMatchObject({ port: aws.scratch.port, dbname: 'postgres' });
    const { host, port, username: user, password, dbname } = scratch;
    const { rows } = await withClient(
      { host, port, user, password, database: dbname, ssl: { ca: aws.scratch.ca } },
      (c) => c.query('SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user'),
    );
    expect(rows).toEqual([{ rolsuper: false, rolcreatedb: true }]);
  });
});

describe('a function', () => {
  test('may do what its role says and is denied the rest by role and action', async () => {
    const { node, object, item } = await probe(aws, 'allowed');
    expect(node).toMatch(/^v24\./);
    expect(object).toBe('done');
    expect(item).toMatch(/^AccessDenied.*ProbeRole.*dynamodb:PutItem/);
  });

  test('is known to the gateway by its role, with what it called', async () => {
    aws.gateway.forget();
    await probe(aws, 'recorded');
    const calls = aws.gateway
      .calls()
      .filter(({ caller }) => caller?.functionName === aws.stack.outputs.ProbeName);
    expect(calls).toMatchObject([
      { action: 's3:PutObject', resource: aws.stack.outputs.VaultName, status: 200, count: 1 },
      { action: 'dynamodb:PutItem', status: 403, count: 1 },
    ]);
    expect(calls[0]?.caller?.roleName).toContain('ProbeRole');
  });

  test('rides out a throttled call', async () => {
    aws.gateway.forget();
    const fault = { status: 503, code: 'SlowDown', message: 'Reduce your request rate.' };
    aws.gateway.disturb({ match: { action: 's3:PutObject' }, fault, times: 2 });
    expect((await probe(aws, 'throttled')).object).toBe('done');
    const puts = aws.gateway.calls().filter(({ action }) => action === 's3:PutObject');
    expect(puts.map(({ status, count }) => [status, count])).toEqual([
      [503, 2],
      [200, 1],
    ]);
  });
});

describe('the deployed stack', () => {
  test('has the settings that CloudFormation left out', async () => {
    const s3 = new S3Client(asRoot(aws));
    const Bucket = aws.stack.outputs.VaultName;
    const lock = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(lock.ObjectLockConfiguration?.Rule?.DefaultRetention).toEqual({ Mode: 'GOVERNANCE', Days: 1 });
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
    expect(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('aws:kms');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'locked', Body: 'x' }));
    const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'locked' }));
    expect(Retention?.Mode).toBe('GOVERNANCE');
  });

  test('names what is ignored all the same', () => {
    expect(aws.ignored).toEqual([
      'AWS::Lambda::Function.VpcConfig (ProbeLambdaFunction)',
      'AWS::Lambda::Function.ReservedConcurrentExecutions (ProbeLambdaFunction)',
    ]);
  });
});

describe('a schedule', () => {
  test('tells its target what EventBridge Scheduler tells: at which time of which schedule it is called', async () => {
    const sqs = new SQSClient(asRoot(aws));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'mailblast-dlq' }));
    const told = ['schedule-arn', 'scheduled-time', 'execution-id', 'attempt-number'];
    const schedule = {
      ScheduleExpression: 'at(2026-01-01T00:00:00)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:mailblast-dlq`,
        RoleArn: `arn:aws:iam::${aws.accountId}:role/any`,
        Input: JSON.stringify(Object.fromEntries(told.map((name) => [name, `<aws.scheduler.${name}>`]))),
      },
    };
    const called = new Date();
    await callAsRoot(aws, {
      service: 'scheduler',
      path: '/schedules/once',
      type: 'application/json',
      body: JSON.stringify(schedule),
    });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const said = JSON.parse(Messages[0]?.Body ?? '{}');
    expect(said).toEqual({
      'schedule-arn': expect.stringMatching(/:schedule\/default\/once$/),
      'scheduled-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      'execution-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'attempt-number': '1',
    });
    expect(Date.parse(said['scheduled-time'])).toBeGreaterThan(called.getTime() - 1_000);
  }, 30_000);
});

describe('the gateway', () => {
  test('knew the action of every call of two whole deployments', () => {
    const calls = [...aws.gateway.calls(), ...other.gateway.calls()];
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter(({ action }) => action.startsWith('unknown'))).toEqual([]);
  });

  test('passes on a large object unchanged in both directions', async () => {
    const s3 = new S3Client(asRoot(aws));
    const body = randomBytes(16 * 1024 * 1024);
    const at = { Bucket: aws.stack.outputs.VaultName, Key: 'large' };
    await s3.send(new PutObjectCommand({ ...at, Body: body }));
    const got =
      (await (await s3.send(new GetObjectCommand(at))).Body?.transformToByteArray()) ?? new Uint8Array();
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(digest(got)).toBe(digest(body));
  });

  test('cuts a Region off and lets it come back', async () => {
    const read = (region: string) =>
      new SecretsManagerClient({ ...asRoot(aws, region), maxAttempts: 1 }).send(
        new GetSecretValueCommand({ SecretId: 'mailblast/database-ca' }),
      );
    const bringUp = aws.gateway.takeDown(aws.region);
    await expect(read(aws.region)).rejects.toThrow(/socket hang up|ECONNRESET/);
    await expect(read('us-west-2')).rejects.toThrow(/can't find the specified secret/i); // up, and not the one with the secret
    bringUp();
    await expect(read(aws.region)).resolves.toMatchObject({ Name: 'mailblast/database-ca' });
  });
});

describe('the sample', () => {
  test('passes the checks of the plan, and its heartbeat tells when it was last written', async () => {
    const connect = async () => {
      const client = new pg.Client(database());
      await client.connect();
      return client;
    };
    await withClient(database(), async (client) => {
      await loadSample(client, 'mailblast', { scale: 0.001 });
      const writer = await startWriter(connect, eventsOf('mailblast'), { everyMs: 5 });
      await writer.nextWrite();
      await writer.nextWrite();
      const { writes, lastHeartbeatAt, failures } = await writer.stop();
      expect(writes).toBeGreaterThanOrEqual(2);
      expect(failures).toBe(0);
      expect(await newestHeartbeat(client, 'mailblast')).toEqual(lastHeartbeatAt);
      const { rows } = await client.query(
        `SELECT (SELECT max(version) FROM schema_migrations WHERE NOT dirty) AS version,
           (SELECT count(*) FROM email_events e WHERE NOT EXISTS (SELECT FROM campaigns c WHERE c.id = e.campaign_id)) AS orphans,
           (SELECT count(*) - count(DISTINCT meta ->> 'sns_message_id') FROM email_events WHERE meta ? 'sns_message_id') AS twice`,
      );
      expect(rows).toEqual([{ version: '42', orphans: '0', twice: '0' }]);
    });
  });
});

describe('two local AWS at once', () => {
  test('share nothing', async () => {
    expect(other.endpoint).not.toBe(aws.endpoint);
    const Bucket = aws.stack.outputs.VaultName;
    await new S3Client(asRoot(aws)).send(new PutObjectCommand({ Bucket, Key: 'ours', Body: 'x' }));
    const elsewhere = new S3Client(asRoot(other)).send(new GetObjectCommand({ Bucket, Key: 'ours' }));
    await expect(elsewhere).rejects.toThrow(/NoSuch|does not exist/);
  });
});

describe('the end', () => {
  test('leaves no process, no folder and no listening port', async () => {
    const { children, folder } = await recordOf(other.runFolder);
    const ports = [other.gateway.port, other.source.port, other.scratch.port];
    expect(children.length).toBeGreaterThanOrEqual(3);
    await other.stop();
    expect(await Promise.all(children.map(isAlive))).not.toContain(true);
    expect(await Promise.all(ports.map(isListening))).not.toContain(true);
    expect(await exists(folder)).toBe(false);
    await expect(recordOf(folder)).rejects.toThrow(/no record/);
  });

  test('of an owner that was killed is made by the next start', async () => {
    const script = `${import.meta.dirname}/local-service/start-and-wait.ts`;
    const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(owner, 'exit');
    const early = gone.then(([code]) =>
      Promise.reject(new Error(`the owner ended by itself, exit code ${code}`)),
    );
    const line = once(createInterface(owner.stdout), 'line') as Promise<[string]>;
    const { runFolder } = JSON.parse((await Promise.race([line, early]))[0]) as { runFolder: string };
    early.catch(() => {});
    const { children } = await recordOf(runFolder);
    expect(await Promise.all(children.map(isAlive))).not.toContain(false);
    owner.kill('SIGKILL');
    await gone;

    await (await startRun()).stop();
    expect(await Promise.all(children.map(isAlive))).not.toContain(true);
    expect(await exists(runFolder)).toBe(false);
  });
});
