import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSample } from '../../local/sample/load-sample.ts';
import { beat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { describeRestore } from './support/describe-restore.ts';
import { differingRows } from './support/row-comparison.ts';

let stack: Deployed;
let recoveryPoint: string;

beforeAll(async () => {
  // Retries come half a second later or more, so that a server that is started again meets one.
  stack = await deploy({ plan: 'plans/mailblast.yml', waitScale: 0.06 });
  await stack.onSource(async (client) => {
    await loadSample(client, 'mailblast', { scale: 0.005 });
    await prepareHeartbeat(client);
    await beat(client, 'mailblast', new Date());
  });
});

afterAll(() => stack?.aws.stop());

describe('a backup', () => {
  test('ends as taken, with evidence, a record and locked, encrypted objects', async () => {
    const finished = await stack.run('backup');
    expect(finished).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'taken' } });

    const evidence = await stack.evidence('backup', finished.runId);
    expect(evidence).toMatchObject({
      machine: 'backup',
      outcome: 'taken',
      startedBy: 'a test',
      workload: 'mailblast',
      subject: 'main',
      objectives: null,
      failure: null,
    });
    expect(evidence.phases.map(({ name }) => name)).toEqual(['copy', 'prove']);
    recoveryPoint = evidence.recoveryPoint ?? '';

    const [record] = await stack.journal.recent(1);
    expect(record).toMatchObject({
      machine: 'backup',
      runId: finished.runId,
      status: 'taken',
      recoveryPoint,
    });

    const { Versions = [] } = await stack.s3.send(
      new ListObjectVersionsCommand({
        Bucket: stack.vault,
        Prefix: `recovery-points/main/full/${recoveryPoint}/`,
      }),
    );
    expect(Versions.length).toBeGreaterThan(10);
    for (const { Key = '', VersionId } of Versions) {
      const head = await stack.s3.send(new HeadObjectCommand({ Bucket: stack.vault, Key, VersionId }));
      expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', ObjectLockMode: 'GOVERNANCE' });
      expect(head.ObjectLockRetainUntilDate?.getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    }
  });

  test('of a database that the plan does not have ends as failed and says which there are', async () => {
    const finished = await stack.run('backup', { database: 'mian' });
    expect(finished).toMatchObject({ status: 'FAILED', error: 'BackupFailed' });
    expect(finished.cause).toContain('the plan has no database "mian"; it has: main');
    expect(await stack.evidence('backup', finished.runId)).toMatchObject({
      outcome: 'failed',
      failure: { error: 'NotInPlan' },
    });
  });
});

describe('a reading of a recovery point', () => {
  test('finds it intact, tries to change the vault in vain, and is remembered', async () => {
    const finished = await stack.run('verify');
    expect(finished).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'intact' } });
    const evidence = await stack.evidence('verify', finished.runId);
    expect(evidence.recoveryPoint).toBe(recoveryPoint);
    expect(evidence.phases.map(({ name }) => name)).toEqual(['choose', 'read', 'change']);
    expect(evidence.steps).toMatchObject({
      read: { next: null },
      change: {
        refused: [
          'to hide it behind a delete marker',
          'to write over it',
          'to shorten its lock',
          'to delete it',
          'to delete it past its lock',
        ],
      },
    });
    const [noted] = await stack.journal.recoveryPoints({ database: 'main', backup: 'full' }, 1);
    expect(noted).toMatchObject({ recoveryPoint, read: { runId: finished.runId } });
  });

  test('finds one stored bit that has turned', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObjectVersion', path: '/rows/0/' },
      fault: { flipByteAt: 4_000 },
    });
    const finished = await stack.run('verify');
    lift();
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RecoveryPointNotIntact' });
    expect(finished.cause).toMatch(/public\.email_events.*block 0: its seal does not fit/);
  });

  test('finds that the policy of the vault is gone, and loses no recovery point by it', async () => {
    const { Policy } = await stack.s3.send(new GetBucketPolicyCommand({ Bucket: stack.vault }));
    await stack.s3.send(new DeleteBucketPolicyCommand({ Bucket: stack.vault }));
    const finished = await stack.run('verify');
    await stack.s3.send(new PutBucketPolicyCommand({ Bucket: stack.vault, Policy }));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'VaultNotProtected' });
    expect(finished.cause).toContain('allowed to hide it behind a delete marker, to write over it');
    expect(await stack.run('verify')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('that keeps failing is announced once, and its recovery to those who heard of the failure', async () => {
    const announcements = await announcementsFor(['failed', 'recovered']);
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObjectVersion', path: '/rows/0/' },
      fault: { flipByteAt: 4_000 },
    });
    const byItself = { startedBy: 'schedule main-verify-full' };
    const failed = [await stack.run('verify', byItself), await stack.run('verify', byItself)];
    lift();
    for (const { error } of failed) expect(error).toBe('RecoveryPointNotIntact');
    expect(await stack.run('verify', byItself)).toMatchObject({ output: { outcome: 'intact' } });
    const [failure = '', recovery = '', ...others] = await announcements();
    expect(failure).toContain(failed[0]?.runId);
    expect(recovery).toContain('Recovered: yes, the runs before it had failed since');
    expect(others).toEqual([]);
    // What is not announced is recorded all the same.
    for (const { runId } of failed)
      expect(await stack.evidence('verify', runId)).toMatchObject({ outcome: 'damaged' });
  });
});

describe('a restore test', () => {
  test('verifies what came back, measures RPO and RTO, and leaves no scratch database', async () => {
    const failedAt = new Date().toISOString();
    const finished = await stack.run('restore-test', {
      incident: { failedAt, scenario: 'database-corruption' },
    });
    expect(finished).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });

    const evidence = await stack.evidence('restore-test', finished.runId);
    expect(evidence.recoveryPoint).toBe(recoveryPoint);
    const amiss = evidence.checks.filter(({ outcome }) => outcome !== 'passed');
    expect(amiss.map(({ outcome, name }) => [outcome, name])).toEqual([
      ['left-out', 'contents of materialized views, computed again on the copy (public.daily_stats)'],
    ]);
    expect(new Set(evidence.checks.map(({ kind }) => kind))).toEqual(
      new Set(['schema', 'tables', 'content', 'sequences', 'indexes', 'freshness', 'plan', 'coverage']),
    );
    expect(evidence.objectives).toMatchObject({
      scenario: 'database-corruption',
      rpo: { basis: 'measured', targetSeconds: 900, met: true },
      rto: { basis: 'measured', targetSeconds: 1200, met: true },
    });
    expect(evidence.phases.map(({ name }) => name)).toEqual([
      'choose',
      'create',
      'load',
      'validate',
      'tearDown',
    ]);
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('without an incident calls its times estimated', async () => {
    const { runId } = await stack.run('restore-test');
    const { objectives } = await stack.evidence('restore-test', runId);
    expect(objectives?.rpo.basis).toBe('estimated');
    expect(objectives?.rto.basis).toBe('estimated');
  });

  test('restores exactly the rows of the source, by a comparison that is not ours', async () => {
    const run = { runId: 'compared', runStartedAt: new Date().toISOString() };
    const point = { restoreTest: 'nightly', recoveryPoint };
    const { scratch, expiresAt } = await stack.invoke<{ scratch: string; expiresAt: string }>(
      'create-scratch',
      {
        ...run,
        ...point,
      },
    );
    await stack.invoke('load-scratch', { ...run, ...point, expiresAt });
    const compared = await stack.onSource((source) =>
      stack.onScratchServer((copy) => differingRows(source, copy), scratch),
    );
    expect(compared.tables).toBeGreaterThan(10);
    expect(compared.rows).toBeGreaterThan(10_000);
    expect(compared.differing).toEqual([]);

    // The comparison can fail: one changed value, one lost row.
    await stack.onScratchServer(async (copy) => {
      await copy.query('UPDATE contacts SET last_name = last_name || $1 WHERE id = 1', [' ']);
      await copy.query('DELETE FROM email_events WHERE id = (SELECT max(id) FROM email_events)');
    }, scratch);
    const changed = await stack.onSource((source) =>
      stack.onScratchServer((copy) => differingRows(source, copy), scratch),
    );
    expect(changed.differing).toEqual([
      { table: 'public.contacts', lost: 1, added: 1 },
      { table: 'public.email_events', lost: 1, added: 0 },
    ]);
    await stack.invoke('drop-scratch', { ...run, restoreTest: 'nightly' });
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('rejects a recovery point of which one stored bit has turned, and says which table', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObjectVersion', path: '/rows/0/' },
      fault: { flipByteAt: 4_000 },
    });
    const finished = await stack.run('restore-test');
    lift();
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RestoreRejected' });
    const evidence = await stack.evidence('restore-test', finished.runId);
    expect(evidence).toMatchObject({ outcome: 'rejected', failure: { error: 'RecoveryPointDamaged' } });
    expect(evidence.failure?.cause).toMatch(/public\.email_events.*block 0: its seal does not fit/);
    expect(evidence.objectives?.rto).toMatchObject({ basis: 'not-measured', seconds: null, met: null });
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('rejects a recovery point whose manifest was altered', async () => {
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObject', path: '/manifests/' },
      fault: { flipByteAt: 300 },
    });
    const finished = await stack.run('restore-test');
    lift();
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RestoreRejected' });
    expect(finished.cause).toContain('manifest');
  });

  test('starts again in a new scratch database when the scratch server crashes in the middle of a load', async () => {
    // The load is held at its first object, so that the crash comes while it runs.
    const lift = stack.aws.gateway.disturb({
      match: { action: 's3:GetObjectVersion', path: '/rows/' },
      fault: { delayMs: 2_000 },
    });
    const { executionArn, runId } = await stack.start('restore-test');
    await untilSomeScratch();
    await untilCalled('s3:GetObjectVersion');
    await stack.aws.scratch.kill();
    await stack.aws.scratch.start();
    const { status, error } = await stack.ended(executionArn);
    lift();
    // A lost connection says nothing of the backup, and the server is back: the machine tries the load again.
    expect({ status, error }).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stack.evidence('restore-test', runId)).toMatchObject({
      outcome: 'verified',
      leftBehind: null,
    });
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('is not proven when the scratch server is stopped, and the sweeper drops what a crash left', async () => {
    const run = { runId: 'left-behind', runStartedAt: new Date().toISOString() };
    const { scratch } = await stack.invoke<{ scratch: string }>('create-scratch', {
      ...run,
      restoreTest: 'nightly',
      recoveryPoint,
    });
    await stack.aws.scratch.stop();
    const finished = await stack.run('restore-test');
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RestoreNotProven' });
    expect(await stack.evidence('restore-test', finished.runId)).toMatchObject({
      outcome: 'not-proven',
      failure: { error: 'DatabaseUnreachable' },
      steps: { tearDown: { failure: { error: 'DatabaseUnreachable' } } },
    });
    await stack.aws.scratch.start();

    expect(await stack.invoke('sweep-scratch', { restoreTest: 'nightly' })).toEqual({
      dropped: [],
      kept: [scratch],
      unmarked: [],
    });
    await stack.onScratchServer(async (client) => {
      const { rows } = await client.query(
        "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1",
        [scratch],
      );
      const mark = { ...JSON.parse(rows[0].mark), expiresAt: '2026-01-01T00:00:00.000Z' };
      await client.query(`COMMENT ON DATABASE "${scratch}" IS '${JSON.stringify(mark)}'`);
      await client.query('CREATE DATABASE lifeboat_scratch_by_hand');
    });
    expect(await stack.invoke('sweep-scratch', { restoreTest: 'nightly' })).toEqual({
      dropped: [scratch],
      kept: [],
      unmarked: ['lifeboat_scratch_by_hand'],
    });
    await stack.onScratchServer((client) => client.query('DROP DATABASE lifeboat_scratch_by_hand'));
  });

  test('that answers an incident passes over a recovery point younger than the incident', async () => {
    const incident = { failedAt: new Date().toISOString() };
    const younger = await stack.run('backup');
    const { recoveryPoint: tooYoung } = await stack.evidence('backup', younger.runId);
    const newest = { id: tooYoung };
    expect(await stack.invoke('measure-rpo', {})).toMatchObject({
      losses: [
        { database: 'main', backup: 'full', newest, newestVerified: { id: recoveryPoint }, met: true },
      ],
    });
    const before = await stack.run('restore-test', { incident });
    expect((await stack.evidence('restore-test', before.runId)).recoveryPoint).toBe(recoveryPoint);

    const named = await stack.run('restore-test', { incident, choose: tooYoung });
    expect((await stack.evidence('restore-test', named.runId)).recoveryPoint).toBe(tooYoung);
    expect(await stack.invoke('measure-rpo', {})).toMatchObject({
      losses: [{ newest, newestVerified: newest }],
    });
  });

  test('of a recovery point that there is not is not proven', async () => {
    const finished = await stack.run('restore-test', { choose: '20260101T000000Z-00000000-00000000' });
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RestoreNotProven' });
    expect(finished.cause).toContain(`the newest of`);
  });
});

describeRestore(() => ({ stack, recoveryPoint }));

/** Resolves once a scratch database is on the server. */
async function untilSomeScratch(): Promise<void> {
  while ((await stack.scratchDatabases()).length === 0) await turn();
}

/** Resolves once the gateway has passed on a call of that action, counted from now. */
async function untilCalled(action: string): Promise<void> {
  stack.aws.gateway.forget();
  while (!stack.aws.gateway.calls().some((call) => call.action === action)) await turn();
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Subscribes a queue to these outcomes, as an address of a channel is. @returns reads the messages that have come */
async function announcementsFor(outcomes: readonly string[]): Promise<() => Promise<string[]>> {
  const settings = {
    region: stack.aws.region,
    endpoint: stack.aws.endpoint,
    credentials: { accessKeyId: stack.aws.accountId, secretAccessKey: 'test' },
  };
  const sqs = new SQSClient(settings);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'announcements' }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  // SNS may send to a queue only where the queue allows it.
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: Attributes?.QueueArn,
            },
          ],
        }),
      },
    }),
  );
  await new SNSClient(settings).send(
    new SubscribeCommand({
      TopicArn: stack.aws.stack.outputs.AlertsTopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ outcome: outcomes }) },
    }),
  );
  return async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
    );
    return Messages.map(({ Body = '' }) => Body);
  };
}
