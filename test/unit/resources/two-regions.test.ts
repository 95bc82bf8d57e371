import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import { logicalId } from '../../../resources/named-resources.ts';
import { stackRoleOf } from '../../../shared/plan/stack-role.ts';
import { machines } from '../../../state-machines/source/machines.ts';
import { planOf, QUEUE, WEBHOOK } from './plan-fixture.ts';

const plan = planOf({ replays: { orders: { ...QUEUE, schedule: 'rate(1 hour)' }, mails: WEBHOOK } });
const primary = derive(plan, 'primary');
const standby = derive(plan, 'standby');
const alone = derive(plan, 'alone');

// biome-ignore lint/suspicious/noExplicitAny: a template
const resources = (part: { Resources: object }) => part.Resources as Record<string, any>;
const rule = resources(primary.replication).Vault.Properties.ReplicationConfiguration.Rules[0];
const statements = resources(primary.replication).ReplicationPolicy.Properties.PolicyDocument.Statement as {
  Action: string[];
  Resource: unknown[];
  Condition?: { StringEquals: Record<string, unknown> };
}[];
const withAction = (action: string) => statements.filter(({ Action }) => Action.includes(action));

/** Inputs from public issues, each as the rule that would have kept it from happening. */
describe('a replication of the vault', () => {
  // github.com/ministryofjustice/modernisation-platform/pull/13498: the role had no KMS rights, and nothing was replicated.
  test('may decrypt by the key of the source and encrypt by that of the replica', () => {
    expect(withAction('kms:Decrypt')).toHaveLength(2);
    expect(withAction('kms:Encrypt')).toHaveLength(1);
  });

  // github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/639: the context was the object, with a bucket key.
  test('uses keys for the buckets, which is the context where a bucket key is on', () => {
    for (const { Condition } of withAction('kms:Decrypt')) {
      const context = JSON.stringify(Condition?.StringEquals['kms:EncryptionContext:aws:s3:arn']);
      expect(context).toMatch(/"Vault","Arn"|arn:\$\{AWS::Partition\}:s3:::\$\{env:LIFEBOAT_STANDBY_VAULT/);
      expect(context).not.toContain('/*');
    }
  });

  // github.com/awslabs/landing-zone-accelerator-on-aws/issues/1144: without these S3 passes over encrypted objects in silence.
  test('asks for encrypted objects, and names the key of the replica', () => {
    expect(rule.SourceSelectionCriteria).toEqual({ SseKmsEncryptedObjects: { Status: 'Enabled' } });
    expect(rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID).toContain('LIFEBOAT_STANDBY_KEY');
  });

  // github.com/hashicorp/terraform-provider-aws/pull/23624, aws-controllers-k8s/community/issues/1885: Object Lock and replication.
  test('may read the locks that it replicates', () => {
    for (const action of ['s3:GetObjectRetention', 's3:GetObjectLegalHold'])
      expect(withAction(action)).toHaveLength(1);
  });

  // github.com/cloudposse/terraform-aws-s3-bucket/issues/277: `s3:Get*`, and deletes in what was meant to be an archive.
  test('replicates no delete, and may do nothing by a wildcard', () => {
    expect(rule.DeleteMarkerReplication).toEqual({ Status: 'Disabled' });
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions).not.toContain('s3:ReplicateDelete');
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(statements.filter(({ Resource }) => Resource.includes('*'))).toEqual([]);
  });

  // github.com/ministryofjustice/modernisation-platform/issues/13496: replication failed, and nobody was told.
  test('has an alarm on what is late and one on what failed, and its metrics are on', () => {
    expect(rule.Destination.Metrics).toEqual({ Status: 'Enabled' });
    expect(Object.keys(primary.alarms)).toEqual(
      expect.arrayContaining(['ReplicationLateAlarm', 'ReplicationFailedAlarm']),
    );
    expect(primary.alarms.ReplicationLateAlarm).toMatchObject({
      Properties: { TreatMissingData: 'breaching' },
    });
  });

  test('is from the primary alone: a replica is not replicated again', () => {
    expect(resources(standby.replication)).toEqual({});
    expect(resources(alone.replication)).toEqual({});
  });
});

describe('a table of two Regions', () => {
  // github.com/localstack/localstack/issues/12811, serverless/serverless/issues/3868: both stacks created it.
  test('belongs to one stack, and the other finds it by its name', () => {
    expect(resources(standby.tables)).toEqual({});
    expect(Object.values(resources(primary.tables)).map(({ Type }) => Type)).toEqual([
      'AWS::DynamoDB::GlobalTable',
      'AWS::DynamoDB::GlobalTable',
    ]);
    const name = { 'Fn::Sub': `\${AWS::StackName}-journal` };
    expect(resources(primary.tables).Journal.Properties.TableName).toEqual(name);
    expect(standby.tables.Outputs.JournalTable).toMatchObject({ Value: name });
  });

  // github.com/aws-cloudformation/rain/issues/339, sil-org/serverless-mfa-api/pull/110: its own Region was not among the replicas.
  test('names the Region of its own stack among the replicas, and streams what they are written by', () => {
    for (const { Properties } of Object.values(resources(primary.tables))) {
      const regions = Properties.Replicas.map(({ Region }: { Region: string }) => Region);
      expect(regions).toEqual([primary.region, standby.region]);
      expect(Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
      expect(Properties).not.toHaveProperty('PointInTimeRecoverySpecification');
    }
  });

  // github.com/aws/aws-cdk/issues/8037: a Region was added to a table of one Region.
  test('is of one Region as before where the stack stands alone', () => {
    expect(Object.values(resources(alone.tables)).map(({ Type }) => Type)).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::DynamoDB::Table',
    ]);
  });
});

describe('the standby stack', () => {
  const whole = async () => {
    const {
      machines: kinds,
      functions,
      schedules,
      alarms,
      reminders,
      recovery,
      failureDestinations,
      mayTag,
    } = standby;
    return JSON.stringify({
      roles: await standby.roles,
      ...{ kinds, functions, schedules, alarms, reminders, recovery, failureDestinations, mayTag },
    });
  };

  // github.com/rrahul963/serverless-create-global-dynamodb-table/issues/17: code was missing in the second Region.
  test('has every function that its machine calls', () => {
    const called = [...JSON.stringify(machines['restore-test']).matchAll(/"FunctionName":"\$\{(\w+)\}"/g)];
    const there = Object.keys(standby.functions).map((name) => logicalId(name));
    for (const [, name] of called) expect(there).toContain(name);
  });

  test('refers to nothing that it does not have', async () => {
    const text = await whole();
    const known = new Set([
      ...Object.keys(await standby.roles),
      ...Object.keys({ ...standby.machines.Resources, ...standby.recovery.Resources, ...standby.alarms }),
      ...Object.keys(standby.functions).map((name) => `${logicalId(name)}LambdaFunction`),
      ...['Vault', 'VaultKey', 'AlertsTopic', 'AlarmsTopic'],
    ]);
    const referred = [...text.matchAll(/"(?:Ref":|Fn::GetAtt":\[)"([A-Za-z0-9]+)"/g)].map(([, id]) => id);
    expect(referred.length).toBeGreaterThan(20);
    expect(referred.filter((id) => !known.has(String(id)))).toEqual([]);
    for (const file of ['vault', 'alerts']) {
      const part = readFileSync(`resources/${file}.yml`, 'utf8');
      const own = new Set([...known, ...[...part.matchAll(/^ {2}(\w+):\n {4}Type:/gm)].map(([, id]) => id)]);
      const named = [...part.matchAll(/!(?:Ref|GetAtt) "?(\w+)/g)].map(([, id]) => id);
      expect(named.filter((id) => !own.has(id ?? '') && id !== 'AWS')).toEqual([]);
    }
  });

  test('lets nobody tag what is in its vault: what backs up is not there', () => {
    expect(JSON.stringify(standby.mayTag)).toContain(':role/nobody');
    for (const { mayTag } of [primary, alone])
      expect(mayTag).toEqual({ 'Fn::GetAtt': ['CopyDatabaseRole', 'Arn'] });
  });

  test('schedules nothing that must happen once', () => {
    expect(Object.keys(standby.schedules)).toEqual([
      'NightlySweepSchedule',
      'MeasureRpoSchedule',
      'CheckSecretsSchedule',
    ]);
  });

  test('watches the age of what it has, and tells nobody twice', () => {
    const { MainFullRecoveryPointAgeAlarm: here } = standby.alarms;
    const { MainFullRecoveryPointAgeAlarm: there } = primary.alarms;
    const threshold = (alarm: object | undefined) =>
      (alarm as { Properties: { Threshold: number } }).Properties.Threshold;
    expect(threshold(here)).toBe(threshold(there) + 900);
    expect(here).toMatchObject({
      Properties: { AlarmDescription: expect.stringContaining('"lifeboat status --region standby"') },
    });
    expect(Object.keys(standby.alarms)).not.toContain('MainFullDurationAlarm');
    expect(Object.keys(standby.alarms)).not.toContain('OrdersDepthAlarm');
  });

  test('runs in the network of its own Region', () => {
    const standbyNetwork = {
      subnets: ['subnet-0a1b2c3d4e5f60009'],
      securityGroups: ['sg-0a1b2c3d4e5f60009'],
    };
    const regions = { primary: 'eu-central-1', standby: 'eu-west-1', standbyNetwork };
    const { functions } = derive(planOf({ regions }), 'standby');
    expect(functions.loadScratch).toMatchObject({ vpc: { subnetIds: ['subnet-0a1b2c3d4e5f60009'] } });
    expect(derive(planOf({ regions }), 'primary').functions.loadScratch).toMatchObject({
      vpc: { subnetIds: [] },
    });
  });
});

test('a role that does not exist is refused', () => {
  expect(stackRoleOf(undefined)).toBe('primary');
  expect(() => stackRoleOf('secondary')).toThrow(
    'LIFEBOAT_ROLE is "secondary"; expected one of: primary, standby, alone',
  );
});
