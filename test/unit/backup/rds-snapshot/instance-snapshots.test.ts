import {
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  copiedSnapshots,
  instanceSnapshots,
} from '../../../../shared/backup/rds-snapshot/instance-snapshots.ts';

const client = mockClient(RDSClient);
const rds = new RDSClient({ region: 'eu-west-1' });
const near = instanceSnapshots(rds, 'eu-central-1', 'shop');
const far = copiedSnapshots(rds, 'eu-west-1', { instance: 'shop', key: 'alias/copies' });
const original = {
  name: 'a',
  arn: 'arn:aws:rds:eu-central-1:111122223333:snapshot:a',
  type: 'manual',
  status: 'available',
  takenAt: new Date(),
  percent: 100,
  encrypted: true,
  key: null,
  gibibytes: 20,
  tags: {},
};
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error(`${name} was said`), { name, $metadata: { httpStatusCode } });

beforeEach(() => client.reset());

describe.each([
  ['taking a snapshot', CreateDBSnapshotCommand, () => near.create('a', {})],
  ['copying a snapshot', CopyDBSnapshotCommand, () => far.copy(original, {})],
] as const)('%s', (_, command, ask) => {
  const answers = (name: string, status?: number) => client.on(command as never).rejects(fault(name, status));

  test.each(['DBSnapshotAlreadyExistsFault', 'DBSnapshotAlreadyExists'])('finds %s begun', async (name) => {
    answers(name);
    expect(await ask()).toEqual({ kind: 'begun' });
  });

  test.each([
    ['SnapshotQuotaExceededFault', 'queued, because a quota of snapshots is reached'],
    ['SnapshotQuotaExceeded', 'queued, because a quota of snapshots is reached'],
    ['Throttling', 'queued, because RDS throttles'],
    ['ThrottlingException', 'queued, because RDS throttles'],
    ['InvalidDBInstanceStateFault', 'RDS is not ready for it'],
    ['InvalidDBSnapshotStateFault', 'RDS is not ready for it'],
    ['TimeoutError', 'RDS did not respond'],
  ])('waits after %s', async (name, because) => {
    answers(name);
    expect(await ask()).toEqual({
      kind: 'refused',
      because: expect.stringMatching(new RegExp(`^eu-\\w+-1: ${because}: ${name} was said$`)),
    });
  });

  test('waits after a failure of RDS itself, whose effect the next look tells', async () => {
    answers('InternalFailure', 500);
    expect(await ask()).toMatchObject({ kind: 'refused' });
  });

  test('ends by name where the key cannot be used', async () => {
    answers('KMSKeyNotAccessibleFault');
    await expect(ask()).rejects.toMatchObject({ name: 'SnapshotKeyUnusable', hint: expect.any(String) });
  });

  test.each(['AccessDenied', 'InvalidParameterCombination'])('throws %s as it is', async (name) => {
    answers(name);
    await expect(ask()).rejects.toMatchObject({ name });
  });
});

test('a copy is made under the key of its own Region, with our tags alone', async () => {
  client.on(CopyDBSnapshotCommand).resolves({});
  await far.copy(original, { one: 'two' });
  expect(client.commandCalls(CopyDBSnapshotCommand)[0]?.args[0].input).toEqual({
    SourceDBSnapshotIdentifier: original.arn,
    TargetDBSnapshotIdentifier: 'a',
    KmsKeyId: 'alias/copies',
    Tags: [{ Key: 'one', Value: 'two' }],
  });
});

test('every page of a list is read, and a copy shows the moment of its original', async () => {
  const [first, second] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-03-02T00:00:00Z')];
  client
    .on(DescribeDBSnapshotsCommand)
    .resolves({ Marker: 'more', DBSnapshots: [{ DBSnapshotIdentifier: 'a', SnapshotCreateTime: first }] })
    .on(DescribeDBSnapshotsCommand, { Marker: 'more' })
    .resolves({
      DBSnapshots: [
        { DBSnapshotIdentifier: 'b', SnapshotCreateTime: second, OriginalSnapshotCreateTime: first },
      ],
    });
  expect(await near.list()).toMatchObject([
    { name: 'a', takenAt: first },
    { name: 'b', takenAt: first, encrypted: false, tags: {} },
  ]);
});

test('what is gone is null, and deleted twice is deleted', async () => {
  client.onAnyCommand().rejects(fault('DBSnapshotNotFoundFault', 404));
  client.on(DescribeDBInstancesCommand).rejects(fault('DBInstanceNotFoundFault', 404));
  expect(await near.find('a')).toBeNull();
  expect(await near.source()).toBeNull();
  await near.delete('a');
  client.on(DeleteDBSnapshotCommand).rejects(fault('InvalidDBSnapshotStateFault'));
  await expect(near.delete('a')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
});
