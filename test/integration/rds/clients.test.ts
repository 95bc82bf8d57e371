import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { account, type LocalRds, master, startLocalRds } from './support/local-rds.ts';

vi.setConfig({ testTimeout: 180_000 });

/*
 * The AWS CLI and boto3 as their packages are, with nothing but the endpoint set. Both are looked for on PATH, and what is
 * not there is skipped: they are no dependency of this project.
 */

const run = promisify(execFile);
const found = (command: string, ...args: string[]) =>
  run(command, args).then(
    () => true,
    () => false,
  );
const [hasCli, hasBoto3] = await Promise.all([
  found('aws', '--version'),
  found('python3', '-c', 'import boto3'),
]);
let local: LocalRds;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  local = await startLocalRds();
  env = {
    PATH: process.env.PATH,
    HOME: local.folder,
    AWS_ENDPOINT_URL: local.rds.endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_PAGER: '',
  };
  await local.create({ DBInstanceIdentifier: 'shop', BackupRetentionPeriod: 1 });
  await local.connect('shop', (client) => client.query("CREATE TABLE t AS SELECT 'first'::text AS text"));
});
afterAll(() => local.stop());

const texts = async (name: string, region?: string) =>
  local.connect(
    name,
    async (client) => (await client.query('SELECT text FROM t ORDER BY text')).rows,
    region,
  );

/** A moment between two rows that the archive reaches. */
async function momentBetween(before: string, after: string): Promise<Date> {
  const moment = await local.connect('shop', async (client) => {
    await client.query('INSERT INTO t VALUES ($1)', [before]);
    await client.query('SELECT pg_sleep(1.1)'); // the CLI's and botocore's times may be cut to seconds
    const { rows } = await client.query('SELECT clock_timestamp() AS now');
    await client.query('SELECT pg_sleep(1.1)');
    await client.query('INSERT INTO t VALUES ($1)', [after]);
    return rows[0].now as Date;
  });
  const reached = async () => (await local.describe('shop')).LatestRestorableTime ?? new Date(0);
  await expect.poll(reached, { timeout: 30_000 }).toSatisfy((time: Date) => time > moment);
  return moment;
}

describe.runIf(hasCli)('the AWS CLI', () => {
  const aws = async (line: string, region = 'eu-west-1') => {
    const words = ['rds', ...line.split(' '), '--region', region, '--output', 'json'];
    const { stdout } = await run('aws', words, { env });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };

  test('drives an instance from its snapshot in another Region to a replica that is promoted', async () => {
    await aws('create-db-snapshot --db-instance-identifier shop --db-snapshot-identifier cli');
    await local.snapshotAvailable('cli');
    await aws('wait db-snapshot-available --db-snapshot-identifier cli');
    const source = `arn:aws:rds:eu-west-1:${account}:snapshot:cli`;
    await aws(
      `copy-db-snapshot --source-db-snapshot-identifier ${source} --target-db-snapshot-identifier cli-copy --source-region eu-west-1 --copy-tags`,
      'eu-central-1',
    );
    await local.snapshotAvailable('cli-copy', 'eu-central-1');
    await aws(
      'restore-db-instance-from-db-snapshot --db-instance-identifier cli-restored --db-snapshot-identifier cli-copy --backup-retention-period 0 --tags Key=made,Value=here',
      'eu-central-1',
    );
    await local.available('cli-restored', 'eu-central-1');
    await aws('wait db-instance-available --db-instance-identifier cli-restored', 'eu-central-1');
    expect(await texts('cli-restored', 'eu-central-1')).toEqual(await texts('shop'));

    const moment = await momentBetween('cli before', 'cli after');
    await aws(
      `restore-db-instance-to-point-in-time --source-db-instance-identifier shop --target-db-instance-identifier cli-then --restore-time ${moment.toISOString()} --backup-retention-period 0`,
    );
    await local.available('cli-then');
    expect(await texts('cli-then')).toEqual([{ text: 'cli before' }, { text: 'first' }]);

    await aws(
      'create-db-instance-read-replica --db-instance-identifier cli-replica --source-db-instance-identifier shop',
    );
    await local.available('cli-replica');
    const { DBInstances } = await aws(
      'describe-db-instances --filters Name=db-instance-id,Values=cli-replica',
    );
    expect(DBInstances[0].StatusInfos[0].Status).toBe('replicating');
    await aws('promote-read-replica --db-instance-identifier cli-replica --backup-retention-period 0');
    await local.available('cli-replica');
    await local.connect('cli-replica', (client) => client.query("INSERT INTO t VALUES ('promoted')"));
    await aws('delete-db-instance --db-instance-identifier cli-replica --skip-final-snapshot');
    await local.deleted('cli-replica');
    await aws('wait db-instance-deleted --db-instance-identifier cli-replica');
  });

  test('shows a fault by its code', async () => {
    await expect(aws('describe-db-instances --db-instance-identifier nobody')).rejects.toMatchObject({
      stderr: expect.stringContaining(
        'An error occurred (DBInstanceNotFound) when calling the DescribeDBInstances operation: DBInstance nobody not found.',
      ),
    });
  });
});

describe.runIf(hasBoto3)('boto3', () => {
  test('drives an instance from its creation to its end, with its waiters and exceptions', async () => {
    const moment = await momentBetween('boto before', 'boto after');
    const script = path.join(local.folder, 'drive.py');
    await writeFile(script, program);
    const { stdout } = await run('python3', [script, moment.toISOString(), master.MasterUserPassword], {
      env: { ...env, AWS_MAX_ATTEMPTS: '1' },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      encrypted: true,
      faults: ['DBInstanceAlreadyExistsFault', 'DBSnapshotNotFoundFault', 'InvalidDBInstanceStateFault'],
      paged: expect.arrayContaining(['boto', 'boto-then', 'shop']),
      copy: { region: 'eu-west-1', kms: `arn:aws:kms:eu-central-1:${account}:key/there` },
    });
    const then = (await texts('boto-then')).map(({ text }) => text);
    expect(then).toContain('boto before');
    expect(then).not.toContain('boto after');
  });
});

const program = `
import datetime, json, sys
import boto3

moment, password = datetime.datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00")), sys.argv[2]
here, there = boto3.client("rds", region_name="eu-west-1"), boto3.client("rds", region_name="eu-central-1")
quick = {"WaiterConfig": {"Delay": 1, "MaxAttempts": 120}}
faults = []
new = dict(DBInstanceIdentifier="boto", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
           MasterUsername="app", MasterUserPassword=password, BackupRetentionPeriod=0, StorageEncrypted=True,
           KmsKeyId="here", Tags=[{"Key": "a", "Value": "ü + x@y: 1"}])
made = here.create_db_instance(**new)["DBInstance"]
here.get_waiter("db_instance_available").wait(DBInstanceIdentifier="boto", **quick)
try:
    here.create_db_instance(**new)
except here.exceptions.DBInstanceAlreadyExistsFault as error:
    faults.append(type(error).__name__)
assert here.list_tags_for_resource(ResourceName=made["DBInstanceArn"])["TagList"] == new["Tags"]
here.create_db_snapshot(DBInstanceIdentifier="boto", DBSnapshotIdentifier="boto")
here.get_waiter("db_snapshot_completed").wait(DBSnapshotIdentifier="boto", **quick)
there.copy_db_snapshot(SourceDBSnapshotIdentifier=made["DBInstanceArn"].replace(":db:", ":snapshot:"),
                       TargetDBSnapshotIdentifier="boto", KmsKeyId="there", SourceRegion="eu-west-1")
there.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="boto", **quick)
copy = there.describe_db_snapshots(DBSnapshotIdentifier="boto")["DBSnapshots"][0]
try:
    here.describe_db_snapshots(DBSnapshotIdentifier="nothing")
except here.exceptions.DBSnapshotNotFoundFault as error:
    faults.append(type(error).__name__)
here.restore_db_instance_to_point_in_time(SourceDBInstanceIdentifier="shop", TargetDBInstanceIdentifier="boto-then",
                                          RestoreTime=moment, BackupRetentionPeriod=0)
here.get_waiter("db_instance_available").wait(DBInstanceIdentifier="boto-then", **quick)
here.get_waiter("db_instance_available").wait(DBInstanceIdentifier="boto", **quick)
try:
    here.start_db_instance(DBInstanceIdentifier="boto")
except here.exceptions.InvalidDBInstanceStateFault as error:
    faults.append(type(error).__name__)
paged = [one["DBInstanceIdentifier"] for page in here.get_paginator("describe_db_instances").paginate() for one in page["DBInstances"]]
here.delete_db_instance(DBInstanceIdentifier="boto", SkipFinalSnapshot=True)
here.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="boto", **quick)
print(json.dumps({"encrypted": made["StorageEncrypted"], "faults": faults, "paged": paged,
                  "copy": {"region": copy["SourceRegion"], "kms": copy["KmsKeyId"]}}))
`;
