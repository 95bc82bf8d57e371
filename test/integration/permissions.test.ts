import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { webhookEvent } from '../../local/sample/webhook-events.ts';
import { setAlarmState } from './support/call-as-root.ts';
import { CASES, ensureSubscription, NOTHING_FAILS, run, unsubscribed } from './support/denied-calls.ts';
import {
  byHand,
  DEAD_LETTERS,
  deadLetter,
  depth,
  newEvent,
  packaged,
  queueUrl,
  redis,
  sfn,
  sqs,
  stack,
  TOPIC,
  webhook,
} from './support/stack-with-all-targets.ts';
import { statementsOf } from './support/statements.ts';
import { withoutPermission } from './support/without-permission.ts';

/** Actions that a role allows and that no call through the gateway shows, each with its reason. */
const NOT_SEEN: readonly { actions: RegExp; roles: RegExp; reason: string }[] = [
  { actions: /^logs:/, roles: /./, reason: 'Lambda writes the log by itself' },
  { actions: /^ec2:/, roles: /./, reason: 'Lambda attaches the function to its network by itself' },
  {
    actions: /^sqs:SendMessage$/,
    roles: /^(EnsureSubscription|StartReplay|WriteHeartbeat|SweepScratch|SweepInstances|MeasureRpo)/,
    reason: 'Lambda keeps an event that the function could not handle by itself',
  },
  { actions: /^kms:/, roles: /./, reason: 'S3 uses the key on behalf of the caller' },
  {
    actions: /^s3:AbortMultipartUpload$/,
    roles: /^CopyDatabase/,
    reason: 'only an upload that fails is given up',
  },
  {
    actions: /^s3:GetObject$/,
    roles: /^(CopyDatabase|DrainQueue)/,
    reason: 'only a repeated attempt reads what an earlier one completed',
  },
  {
    actions: /^s3:ListBucket$/,
    roles: /^(HandOverRole|LoadScratch|ProveStored|ReadRecoveryPoint)/,
    reason: 'decides whether S3 calls a missing object missing or denied',
  },
  {
    actions: /^s3:(GetObjectVersion|GetObjectRetention)$/,
    roles: /^(ChooseRecoveryPoint|ChooseToRead)/,
    reason: 'only a recovery point that is hidden behind a delete marker is looked for among the versions',
  },
  {
    actions: /^s3:GetObjectRetention$/,
    roles: /^(ProveStored|ReadRecoveryPoint)/,
    reason: 'without it S3 leaves the lock out of what HeadObject answers',
  },
  {
    actions: /^secretsmanager:TagResource$/,
    roles: /^HandOver/,
    reason: 'Secrets Manager asks for it where a secret is created with tags',
  },
  {
    actions: /^secretsmanager:DescribeSecret$/,
    roles: /^HandOver/,
    reason: 'only an attempt after a killed one looks whether the secret is there',
  },
  {
    actions: /^sns:ConfirmSubscription$/,
    roles: /^EnsureSubscription/,
    reason: 'only what SNS signed is confirmed, and here is nobody who can',
  },
];

const explained = ({ role, action }: { role: string; action: string }) =>
  NOT_SEEN.some(({ actions, roles }) => actions.test(action) && roles.test(role));

/** Every action that a role of a function allows. */
const allowed = () =>
  statementsOf(packaged.resources)
    .filter(({ role }) => !role.endsWith('MachineRole') && role !== 'SchedulerRole')
    .flatMap(({ role, actions }) => actions.map((action) => ({ role, action })));
/** A replay that its alarm starts, of events that are new, known already, sent twice, or none. */
async function replayByAlarm(): Promise<void> {
  for (const event of [newEvent(), newEvent()]) await deadLetter(event);
  await deadLetter(webhookEvent(0, { topicArn: TOPIC, at: new Date(0) }));
  const inTheDatabase = newEvent();
  await fetch(webhook.url, { method: 'POST', body: inTheDatabase });
  await deadLetter(inTheDatabase);
  await deadLetter('no envelope');
  await setAlarmState(stack.aws, `${stack.aws.stack.name}-replay-webhook-events`, 'ALARM');
  const { ReplayMachineArn: stateMachineArn } = stack.aws.stack.outputs;
  const executionArn = await vi.waitUntil(
    async () => {
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      return executions[0]?.executionArn;
    },
    { timeout: 10_000, interval: 100 },
  );
  expect(await stack.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  const evidence = await stack.evidence('replay', executionArn.slice(executionArn.lastIndexOf(':') + 1));
  expect(evidence).toMatchObject({
    outcome: 'replayed',
    startedBy: `alarm ${stack.aws.stack.name}-replay-webhook-events`,
    account: { received: 5, delivered: 2, duplicates: 2, quarantined: 1, returned: 0 },
    steps: { subscription: { found: 'missing', done: 'subscribed', now: 'confirmed' } },
  });
}

/** Starts by hand: one that Step Functions fails, the same again, one that finds the queue empty, and one that does not. */
async function startByHand(): Promise<void> {
  const wish = byHand('failed-once', { options: { dryRun: true } });
  const fault = { status: 400, code: 'StateMachineDeleting', message: 'not now' };
  stack.aws.gateway.disturb({ match: { action: 'states:StartExecution' }, fault, times: 1 });
  await expect(stack.invoke('start-replay', wish)).rejects.toThrow('not now');
  const { executionArn } = await stack.invoke<{ executionArn: string }>('start-replay', wish);
  expect(await stack.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  const nothing = await stack.invoke('start-replay', byHand('for-nothing', { ifNeeded: true }));
  expect(nothing).toMatchObject({ executionArn: null });
  await deadLetter(newEvent());
  const needed = byHand('needed', { ifNeeded: true });
  const { executionArn: started } = await stack.invoke<{ executionArn: string }>('start-replay', needed);
  expect(await stack.ended(started)).toMatchObject({ status: 'SUCCEEDED' });
}
describe('the roles of the template', () => {
  test('allow all that the machines, a heartbeat, a sweep and every kind of replay call, and nothing that none of them calls', async () => {
    await stack.invoke('write-heartbeat', { database: 'main' });
    expect(await stack.run('backup')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stack.run('restore-test')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stack.run('verify')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stack.run('restore')).toMatchObject({ status: 'SUCCEEDED' });
    await stack.invoke('compare-copy', { restore: 'production', copy: 'mailblast_restored' });
    await stack.invoke('sweep-scratch', { restoreTest: 'nightly' });
    await stack.invoke('measure-rpo', {});
    await replayByAlarm();
    await startByHand();
    await unsubscribed();
    await stack.invoke('ensure-subscription', { queue: 'webhook-events', announce: true });
    for (const queue of ['to-queue', 'to-topic', 'to-function']) {
      await deadLetter('"a job"', `${queue}-dlq`);
      const { runId } = await stack.run('replay', { queue });
      expect(await stack.evidence('replay', runId)).toMatchObject({ account: { delivered: 1 } });
    }
    await deadLetter(newEvent());
    await stack.run('replay', { options: { filter: "messageId == 'another'" } });
    for (const rehydration of ['jobs', 'jobs', ...(redis ? ['pending-campaigns'] : [])])
      expect(await stack.run('rehydrate', { rehydration })).toMatchObject({ status: 'SUCCEEDED' });

    const calls = stack.aws.gateway.calls().filter(({ caller }) => caller);
    const refused = calls.filter(({ status }) => status === 403 || status === 0);
    // What the vault must refuse, by its own policy: the role allows it.
    const tried = refused.filter(({ caller }) => logicalRole(caller?.roleName) === 'TryToChangeRole');
    expect(tried.map(({ action }) => action).sort()).toEqual([
      's3:BypassGovernanceRetention',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:PutObject',
      's3:PutObjectRetention',
    ]);
    expect(refused.filter((call) => !tried.includes(call))).toEqual([]);
    expect(calls.filter(({ action }) => action.startsWith('unknown:'))).toEqual([]);

    const called = new Set(calls.map(({ caller, action }) => `${logicalRole(caller?.roleName)} ${action}`));
    const unused = allowed().filter(({ role, action }) => !called.has(`${role} ${action}`));
    expect(unused.filter((each) => !explained(each))).toEqual([]);
    // A reason that explains nothing any more is a reason too many.
    const idle = NOT_SEEN.filter(
      ({ actions, roles }) => !unused.some((u) => actions.test(u.action) && roles.test(u.role)),
    );
    expect(idle).toEqual([]);
  }, 120_000);
});

describe('with a permission taken away', () => {
  test('a backup that may not write fails, names role and action, and leaves no recovery point', async () => {
    const finished = await without('CopyDatabaseRole', 's3:PutObject', () => stack.run('backup'));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'BackupFailed' });
    expect(finished.cause).toMatch(/CopyDatabaseRole.*s3:PutObject/);
    expect(await stack.evidence('backup', finished.runId)).toMatchObject({
      outcome: 'failed',
      recoveryPoint: null,
    });
    expect(await stack.run('restore-test')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a backup that may not read its secret fails and names the secret, the role and the action', async () => {
    const finished = await without('CopyDatabaseRole', 'secretsmanager:GetSecretValue', () =>
      stack.run('backup'),
    );
    expect(finished).toMatchObject({ status: 'FAILED', error: 'BackupFailed' });
    expect(finished.cause).toMatch(
      /secret "mailblast\/database.*CopyDatabaseRole.*secretsmanager:GetSecretValue/,
    );
  });

  test('a restore that may not read the vault is not proven, and its scratch database is gone', async () => {
    const finished = await without('LoadScratchRole', 's3:GetObjectVersion', () => stack.run('restore-test'));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RestoreNotProven' });
    expect(finished.cause).toMatch(/LoadScratchRole.*s3:GetObjectVersion/);
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('a teardown that may not reach the server leaves the verdict as it is and says who will clean up', async () => {
    const finished = await without('DropScratchRole', 'secretsmanager:GetSecretValue', () =>
      stack.run('restore-test'),
    );
    expect(finished).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });
    const evidence = await stack.evidence('restore-test', finished.runId);
    expect(evidence.steps.tearDown).toMatchObject({
      failure: { error: 'SecretUnusable', cause: expect.stringContaining('DropScratchRole') },
    });
    expect(await stack.scratchDatabases()).toHaveLength(1);
    await stack.invoke('drop-scratch', {
      runId: finished.runId,
      runStartedAt: evidence.startedAt,
      restoreTest: 'nightly',
    });
    expect(await stack.scratchDatabases()).toEqual([]);
  });

  test('a run that may not leave evidence ends as not recorded, whatever it did', async () => {
    const finished = await without('RecordRunRole', 's3:PutObject', () => stack.run('backup'));
    expect(finished).toMatchObject({ status: 'FAILED', error: 'RunNotRecorded' });
    expect(finished.cause).toMatch(/RecordRunRole.*s3:PutObject/);
  });
});
describe('the functions of replay and rehydration, with a permission taken away,', () => {
  const queues = [DEAD_LETTERS, 'to-queue-dlq', 'to-topic-dlq'];

  beforeEach(async () => {
    for (const queue of queues) await sqs.send(new PurgeQueueCommand({ QueueUrl: await queueUrl(queue) }));
  });

  test.each(CASES)(
    '$role: without $action it fails as "$fails" and takes nothing out of a queue',
    async ({ role, action, given = () => deadLetter(newEvent()), call, fails }) => {
      await given();
      const before = await Promise.all(queues.map(depth));
      const said = await without(role, action, () =>
        call().then(
          (answer) => (answer as { reason?: string }).reason ?? 'it did not fail',
          ({ name, message }: Error) => `${name}: ${message}`,
        ),
      );
      expect(said).toContain(fails);
      expect(said).toMatch(new RegExp(`${role}.*${action}`, 's'));
      expect(await Promise.all(queues.map(depth))).toEqual(before);
    },
  );

  test('leave out none that they need', () => {
    const tested = CASES.map(({ role, action }) => `${role} ${action}`);
    const roles = new Set(CASES.map(({ role }) => role));
    const needed = allowed()
      .filter((each) => roles.has(each.role) && !explained(each))
      .map(({ role, action }) => `${role} ${action}`);
    expect(new Set([...tested, ...Object.keys(NOTHING_FAILS)])).toEqual(new Set(needed));
  });

  test('a subscription whose attributes may not be read is looked after, and that is said', async () => {
    await ensureSubscription();
    const { words } = await without('EnsureSubscriptionRole', 'sns:GetSubscriptionAttributes', () =>
      stack.invoke<{ words: string }>('ensure-subscription', { ...run(), queue: 'webhook-events' }),
    );
    expect(words).toContain('may not be read (sns:GetSubscriptionAttributes)');
  });
});
/** The template's name of a role, from the name that CloudFormation made of it. */
function logicalRole(name = ''): string {
  return name.split('-').find((part) => part.endsWith('Role')) ?? name;
}

/** Takes one action out of a role's policies, works, and puts it back. */
const without = <T>(role: string, action: string, work: () => Promise<T>): Promise<T> =>
  withoutPermission(stack.aws, { role, action }, work);
