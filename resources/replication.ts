import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { HOUR } from '../shared/plan/values/duration.ts';
import { REPLICATION } from '../shared/standby/replication-metrics.ts';
import { alarm } from './alarm.ts';
import { allow, VAULT, VAULT_KEY } from './iam.ts';
import type { TemplatePart } from './read-part.ts';

/** The only rule of the vault's replication: everything in it. */
const RULE = 'everything-to-the-standby';

/** After this long an object that was not replicated is an alarm. S3 replicates most within 15 minutes. */
const LATE = HOUR;

/** How often measure-replication looks, and how many looks in a row have to be bad. */
const PERIOD_SECONDS = 300;

/**
 * The replication of the primary Region's vault to that of the standby Region, which is deployed first.
 *
 * Role and policy are apart, because the bucket names the role and the policy names the bucket.
 */
export function deriveReplication(plan: Plan, role: StackRole, stage: string): TemplatePart {
  if (role !== 'primary') return { Resources: {}, Outputs: {} };
  const standby = standbyOf(plan, stage);
  return {
    Resources: {
      Vault: {
        Properties: {
          ReplicationConfiguration: {
            Role: { 'Fn::GetAtt': ['ReplicationRole', 'Arn'] },
            Rules: [ruleTo(standby)],
          },
        },
      },
      // AWS documents no condition that S3 meets when it assumes this role.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
      ReplicationRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 's3.amazonaws.com' },
                Action: 'sts:AssumeRole',
              },
            ],
          },
        },
      },
      ReplicationPolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'replicate',
          Roles: [{ Ref: 'ReplicationRole' }],
          PolicyDocument: { Version: '2012-10-17', Statement: permissionsTo(standby, plan) },
        },
      },
    },
    Outputs: {
      StandbyRegion: { Value: standby.region, Description: 'Where the vault is replicated to' },
    },
  };
}

/** What a replication that stopped, is late or is denied shows in. Both last, so both are repeated each day. */
export function replicationAlarms({ workload, regions }: Plan, role: StackRole): [string, object][] {
  if (role !== 'primary') return [];
  const measured = {
    Namespace: REPLICATION.namespace,
    Dimensions: [
      { Name: 'service', Value: REPLICATION.service },
      { Name: 'workload', Value: workload },
    ],
    Statistic: 'Maximum',
    Period: PERIOD_SECONDS,
  };
  return [
    [
      'ReplicationLateAlarm',
      alarm({
        AlarmDescription: `something in the vault is not in ${regions.standby} after an hour, or nothing measured it: see "lifeboat status"`,
        ...measured,
        MetricName: REPLICATION.lag,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
        Threshold: LATE / 1000,
        TreatMissingData: 'breaching',
      }),
    ],
    [
      'ReplicationFailedAlarm',
      alarm({
        AlarmDescription: `S3 gave up replicating something of the vault to ${regions.standby}: see "lifeboat status"`,
        ...measured,
        MetricName: REPLICATION.failed,
      }),
    ],
  ];
}

interface StandbyVault {
  /** Name of the bucket, its key's ARN, and its Region. */
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

/**
 * The standby's vault, as osls finds it: from the environment, or else from the outputs of the standby's stack.
 * https://www.serverless.com/framework/docs/guides/variables/cf
 */
function standbyOf({ workload, regions: { standby: region } }: Plan, stage: string): StandbyVault {
  const output = (variable: string, name: string) =>
    `\${env:${variable}, cf(${region}):lifeboat-${workload}-${stage}.${name}}`;
  return {
    bucket: output('LIFEBOAT_STANDBY_VAULT', 'VaultBucket'),
    key: output('LIFEBOAT_STANDBY_KEY', 'VaultKeyArn'),
    region,
  };
}

/**
 * A delete is never replicated: neither a marker, which this says, nor that of a version, which S3 does not offer.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
 */
function ruleTo({ bucket, key }: StandbyVault): object {
  return {
    Id: RULE,
    Status: 'Enabled',
    Priority: 1,
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Disabled' },
    SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
    Destination: {
      Bucket: bucketArn(bucket),
      EncryptionConfiguration: { ReplicaKmsKeyID: key },
      Metrics: { Status: 'Enabled' },
    },
  };
}

/**
 * What S3 needs to replicate encrypted and locked objects, and nothing else.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-replication
 *
 * With bucket keys the encryption context is the bucket, not the object, and S3 decrypts the replica's bucket key to verify it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html#bk-replication
 */
function permissionsTo({ bucket, key, region }: StandbyVault, { regions }: Plan): object[] {
  const through = (from: string, arn: object) => ({
    StringEquals: {
      'kms:ViaService': { 'Fn::Sub': `s3.${from}.\${AWS::URLSuffix}` },
      'kms:EncryptionContext:aws:s3:arn': arn,
    },
  });
  return [
    allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], [VAULT]),
    allow(
      [
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      [{ 'Fn::Sub': `\${Vault.Arn}/*` }],
    ),
    allow(['s3:ReplicateObject', 's3:ReplicateTags'], [{ 'Fn::Sub': `${bucketArn(bucket)['Fn::Sub']}/*` }]),
    { ...allow(['kms:Decrypt'], [VAULT_KEY]), Condition: through(regions.primary, VAULT) },
    {
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: [key],
      Condition: through(region, bucketArn(bucket)),
    },
  ];
}

function bucketArn(bucket: string): { 'Fn::Sub': string } {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${bucket}` };
}
