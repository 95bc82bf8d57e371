import type { Plan } from '../shared/plan/schema.ts';
import { DAY } from '../shared/plan/values/duration.ts';

const TRAIL_ARN = {
  'Fn::Sub': `arn:\${AWS::Partition}:cloudtrail:\${AWS::Region}:\${AWS::AccountId}:trail/\${AWS::StackName}-vault`,
};
const BUCKET = { 'Fn::GetAtt': ['TrailBucket', 'Arn'] };
const ITS_OBJECTS = { 'Fn::Sub': `\${TrailBucket.Arn}/*` };
/** A first deployment that is rolled back leaves nothing behind; later ones never delete what is kept. */
const KEPT = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };

/**
 * The trail of the vault, where the plan wants one: CloudTrail's data events of its objects, in a locked bucket of their own. A
 * trail that lies in the vault would record its own writing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
export function deriveTrail({ vault: { lock, trail } }: Plan): Record<string, object> {
  if (trail === undefined) return {};
  return {
    TrailBucket: trailBucket(lock, Math.ceil(trail.retention / DAY)),
    TrailBucketPolicy: TRAIL_BUCKET_POLICY,
    Trail: {
      Type: 'AWS::CloudTrail::Trail',
      // CloudTrail refuses a bucket to which it cannot write.
      DependsOn: ['TrailBucketPolicy'],
      Properties: {
        TrailName: { 'Fn::Sub': `\${AWS::StackName}-vault` },
        S3BucketName: { Ref: 'TrailBucket' },
        IsLogging: true,
        IsMultiRegionTrail: false,
        IncludeGlobalServiceEvents: false,
        EnableLogFileValidation: true,
        AdvancedEventSelectors: [
          {
            Name: 'Objects of the vault',
            FieldSelectors: [
              { Field: 'eventCategory', Equals: ['Data'] },
              { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
              { Field: 'resources.ARN', StartsWith: [{ 'Fn::Sub': `\${Vault.Arn}/` }] },
              ...(trail.of === 'changes' ? [{ Field: 'readOnly', Equals: ['false'] }] : []),
            ],
          },
        ],
      },
    },
  };
}

function trailBucket(lock: Plan['vault']['lock'], days: number): object {
  const Mode = lock === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE';
  return {
    Type: 'AWS::S3::Bucket',
    ...KEPT,
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode, Days: days } },
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'events',
            Status: 'Enabled',
            ExpirationInDays: days,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    },
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
const TRAIL_BUCKET_POLICY = {
  Type: 'AWS::S3::BucketPolicy',
  ...KEPT,
  Properties: {
    Bucket: { Ref: 'TrailBucket' },
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [BUCKET, ITS_OBJECTS],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Sid: 'NoDeletes',
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'],
          Resource: ITS_OBJECTS,
        },
        {
          Sid: 'CloudTrailLooks',
          Effect: 'Allow',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Action: 's3:GetBucketAcl',
          Resource: BUCKET,
          Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN } },
        },
        {
          Sid: 'CloudTrailWrites',
          Effect: 'Allow',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Action: 's3:PutObject',
          Resource: { 'Fn::Sub': `\${TrailBucket.Arn}/AWSLogs/\${AWS::AccountId}/*` },
          Condition: {
            StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': TRAIL_ARN },
          },
        },
      ],
    },
  },
};
