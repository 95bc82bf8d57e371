import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadSample } from '../../local/sample/load-sample.ts';
import { beat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import type { ReplicationLag } from '../../shared/standby/replication-lag.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { differingRows } from './support/row-comparison.ts';

const PRIMARY = 'us-east-1';
const STANDBY = 'us-west-2';

let stack: Deployed;
let standbyVault: string;
let settings: { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeAll(async () => {
  stack = await deploy({ plan: 'plans/mailblast.yml', waitScale: 0.06, standby: true });
  const { aws } = stack;
  standbyVault = aws.standby?.stack.outputs.VaultBucket ?? '';
  settings = {
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accountId, secretAccessKey: 'test' },
  };
  await stack.onSource(async (client) => {
    await loadSample(client, 'mailblast', { scale: 0.002 });
    await prepareHeartbeat(client);
    await beat(client, 'mailblast', new Date());
  });
}, 240_000);

afterAll(() => stack?.aws.stop());

const backUp = async (input = {}) =>
  expect(await stack.run('backup', input)).toMatchObject({
    status: 'SUCCEEDED',
    output: { outcome: 'taken' },
  });

const soon = (see: () => Promise<void>) => vi.waitFor(see, { timeout: 15_000, interval: 200 });

/** Holds the replication of both Regions back; without anything it goes on. */
const hold = async (how: { stopped?: boolean; lateSeconds?: number } = {}) =>
  fetch(`${stack.aws.endpoint}/_ministack/replication`, { method: 'PUT', body: JSON.stringify(how) });

const lag = async (): Promise<ReplicationLag | undefined> =>
  (await stack.invoke<{ lags: ReplicationLag[] }>('measure-replication', {})).lags[0];

/** Runs a command as a person does who has nothing but the plan and the account. */
async function lifeboat(...args: string[]) {
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...environment } = stack.aws.environment;
  const all = ['cli/lifeboat.js', ...args, 'mailblast', '--stage', 'local', '--json'];
  const ended = await promisify(execFile)(process.execPath, all, {
    env: { PATH: process.env.PATH, ...environment },
    maxBuffer: 1e8,
  }).catch((error) => error as { stdout: string; code: number });
  return { code: 'code' in ended ? ended.code : 0, document: JSON.parse(ended.stdout) };
}

/** Compares a database of the standby's server with the source. */
async function differingIn(restored: string) {
  const client = new pg.Client(stack.aws.standby?.scratch.superuser(restored));
  await client.connect();
  try {
    return await stack.onSource((source) => differingRows(source, client));
  } finally {
    await client.end();
  }
}

async function invokeInStandby<Answer>(name: string): Promise<Answer> {
  const lambda = new LambdaClient({ ...settings, region: STANDBY });
  const FunctionName = `${stack.aws.stack.name}-${name}`;
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  const body = JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
  if (FunctionError) throw new Error(JSON.stringify(body));
  return body;
}

describe('what is written in the primary Region', () => {
  test('comes to the standby with its version, lock and tags, under a key of its own', async () => {
    await backUp({ label: 'before-upgrade' });
    await soon(async () => expect(await lag()).toMatchObject({ waiting: null }));
    const versionsOf = async (Bucket: string, region: string) => {
      const s3 = new S3Client({ ...settings, region });
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const heads = Versions.map(async ({ Key, VersionId }) => {
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }));
        return [
          Key,
          VersionId,
          head.ETag,
          head.ObjectLockMode,
          head.ObjectLockRetainUntilDate,
          head.SSEKMSKeyId,
        ];
      });
      return Promise.all(heads);
    };
    const [here, there] = [await versionsOf(stack.vault, PRIMARY), await versionsOf(standbyVault, STANDBY)];
    const withoutKey = (rows: unknown[][]) => rows.map((row) => row.slice(0, -1));
    expect(there.length).toBeGreaterThan(5);
    expect(withoutKey(there)).toEqual(withoutKey(here));
    const keys = new Set([...here, ...there].map((row) => row.at(-1)));
    expect(keys.size).toBe(2);
  });

  test('is in the journal of both Regions', async () => {
    const { document } = await lifeboat('status', '--region', 'standby');
    expect(document.recent[0]).toMatchObject({ machine: 'backup', status: 'taken' });
  });

  test('is deployed as the plan says: another deployment would change nothing', async () => {
    const { code, document } = await lifeboat('deploy', '--dry-run');
    expect(code).toBe(0);
    const unchanged = { isNew: false, added: [], changed: [], removed: [], retyped: [] };
    expect(document.stacks).toMatchObject([
      { role: 'standby', region: STANDBY, changes: unchanged },
      { role: 'primary', region: PRIMARY, changes: unchanged },
    ]);
    expect(mistakesIn('deploy', document)).toEqual([]);
  }, 180_000);
});

describe('with the primary Region gone in the middle of a backup', () => {
  let bringBack: () => void;
  let cutOff: { executionArn: string; runId: string };
  beforeAll(async () => {
    cutOff = await stack.start('backup');
    bringBack = stack.aws.gateway.takeDown(PRIMARY);
    stack.aws.gateway.forget();
  });
  afterAll(async () => {
    bringBack();
    await stack.ended(cutOff.executionArn);
  });

  test('status, a restore test and a restore work from the standby, and nothing calls the lost Region', async () => {
    const before = await lifeboat('status', '--region', 'standby');
    expect(before.code).toBe(0);
    expect(before.document.losses[0]).toMatchObject({
      database: 'main',
      backup: 'full',
      points: 1,
      labelled: [{ label: 'before-upgrade', verified: false }],
    });
    expect(before.document.open).toMatchObject([
      {
        record: { machine: 'backup', runId: cutOff.runId },
        executionState: { kind: 'elsewhere', region: PRIMARY },
      },
    ]);

    expect(mistakesIn('status', before.document)).toEqual([]);

    const restored = await lifeboat('restore-test', '--region', 'standby');
    expect(restored.document).toMatchObject({ evidence: { outcome: 'verified' } });
    expect(restored.document.evidenceLocation).toContain(standbyVault);
    expect(restored.code).toBe(0);

    const after = await lifeboat('status', '--region', 'standby');
    expect(after.document.verified[0].record).toMatchObject({ status: 'verified' });

    await expect(invokeInStandby('measure-rpo')).resolves.toMatchObject({ losses: [{ backup: 'full' }] });
    await expect(invokeInStandby('check-secrets')).resolves.toEqual({ unreadable: [] });

    const into = 'mailblast_of_the_standby';
    const stays = await lifeboat('restore', '--region', 'standby', '--at', 'newest', '--into', into, '--yes');
    expect(stays.document).toMatchObject({ evidence: { outcome: 'restored' } });
    expect(await differingIn(into)).toMatchObject({ tables: 15, differing: [] });

    const labelled = await lifeboat('restore-test', '--region', 'standby', '--label', 'before-upgrade');
    expect(labelled.document.evidence).toMatchObject({
      outcome: 'verified',
      steps: { choose: { labelled: { label: 'before-upgrade', points: 1, verified: true } } },
    });

    const calls = stack.aws.gateway.calls();
    // The schedules of the primary stack go on in this emulator, and are cut off: they are no calls of the standby.
    const roles = new Set(stack.aws.standby?.stack.physicalIds.values());
    const ofStandby = calls.filter(({ caller }) => caller === undefined || roles.has(caller.roleName));
    const callers = new Set(ofStandby.map(({ caller }) => caller?.functionName.replace(/^.*-local-/, '')));
    expect([...callers]).toEqual(
      expect.arrayContaining([undefined, 'choose-recovery-point', 'load-scratch', 'hand-over', 'record-run']),
    );
    expect(ofStandby.filter(({ region }) => region !== STANDBY)).toEqual([]);
  }, 120_000);

  test('a command that was not told of the standby says how to go there', async () => {
    const { code, document } = await lifeboat('status');
    expect(code).toBe(3);
    expect(document.error.name).toBe('RegionUnreachable');
    expect(document.error.message).toContain('--region standby');
  }, 60_000);
});

describe('a secret that is missing in the standby', () => {
  test('is found there, by its name', async () => {
    const secrets = new SecretsManagerClient({ ...settings, region: STANDBY });
    await secrets.send(
      new DeleteSecretCommand({ SecretId: 'mailblast/webhook', ForceDeleteWithoutRecovery: true }),
    );
    await expect(invokeInStandby('check-secrets')).resolves.toMatchObject({
      unreadable: [{ secret: 'mailblast/webhook' }],
    });
  });
});

describe('a replication', () => {
  test('that stopped shows in the measure and in the status, and catches up', async () => {
    await hold({ stopped: true });
    await backUp();
    const waiting = await lag();
    expect(waiting?.waiting).toMatchObject({ failed: 0, notAskedFor: 0 });
    expect(waiting?.waiting?.pending).toBeGreaterThan(1);
    expect(waiting?.replicated).not.toBeNull();
    const { document } = await lifeboat('status');
    expect(document.replication[0].waiting.pending).toBe(waiting?.waiting?.pending);
    expect(mistakesIn('status', document)).toEqual([]);
    await hold();
    await soon(async () => expect(await lag()).toMatchObject({ waiting: null }));
  });

  test('that is late shows until it is there', async () => {
    await hold({ lateSeconds: 600 });
    await backUp();
    expect((await lag())?.waiting?.pending).toBeGreaterThan(1);
    await hold({ lateSeconds: 1 });
    await soon(async () => expect(await lag()).toMatchObject({ waiting: null }));
  });

  test('that is denied shows as failed, and S3 does not try again', async () => {
    const RoleName = stack.aws.stack.physicalIds.get('ReplicationRole');
    const iam = new IAMClient({ ...settings, region: PRIMARY });
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'replicate' }));
    await backUp();
    await soon(async () => expect((await lag())?.waiting).toMatchObject({ pending: 0 }));
    const { document } = await lifeboat('status');
    expect(document.replication[0].waiting.failed).toBeGreaterThan(1);
  });
});
