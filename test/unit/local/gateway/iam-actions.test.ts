import { describe, expect, test } from 'vitest';
import { iamActions, needsBody, type SignedRequest } from '../../../../local/gateway/iam-actions.ts';
import { scopeOf } from '../../../../local/gateway/scope.ts';

function request(
  service: string,
  line: string,
  headers: Record<string, string> = {},
  body?: string,
): SignedRequest {
  const [method = '', target = ''] = line.split(' ');
  const scope = { accessKey: 'AKIA', region: 'us-east-1', service };
  return { scope, method, url: new URL(target, 'http://gateway'), headers, body };
}

describe('the IAM action of an S3 request', () => {
  test.each([
    ['GET /', 's3:ListAllMyBuckets'],
    ['GET /vault?list-type=2&prefix=a', 's3:ListBucket'],
    ['HEAD /vault', 's3:ListBucket'],
    ['GET /vault?versions', 's3:ListBucketVersions'],
    ['GET /vault?uploads', 's3:ListBucketMultipartUploads'],
    ['GET /vault?object-lock', 's3:GetBucketObjectLockConfiguration'],
    ['PUT /vault?lifecycle', 's3:PutLifecycleConfiguration'],
    ['DELETE /vault?lifecycle', 's3:PutLifecycleConfiguration'],
    ['POST /vault?delete', 's3:DeleteObject'],
    ['GET /vault/a/b%20c', 's3:GetObject'],
    ['HEAD /vault/a/b', 's3:GetObject'],
    ['GET /vault/a/b?versionId=1', 's3:GetObjectVersion'],
    ['GET /vault/a/b?x-id=GetObject', 's3:GetObject'],
    ['DELETE /vault/a/b?versionId=1', 's3:DeleteObjectVersion'],
    ['GET /vault/a/b?retention&versionId=1', 's3:GetObjectRetention'],
    ['PUT /vault/a/b?retention', 's3:PutObjectRetention'],
    ['PUT /vault/a/b', 's3:PutObject'],
    ['POST /vault/a/b?uploads', 's3:PutObject'],
    ['PUT /vault/a/b?partNumber=1&uploadId=u', 's3:PutObject'],
    ['POST /vault/a/b?uploadId=u', 's3:PutObject'],
    ['GET /vault/a/b?uploadId=u', 's3:ListMultipartUploadParts'],
    ['DELETE /vault/a/b?uploadId=u', 's3:AbortMultipartUpload'],
  ])('%s is %s', (line, action) => {
    expect(iamActions(request('s3', line))).toEqual([action]);
  });

  test('of a copy includes reading its source', () => {
    const copy = request('s3', 'PUT /vault/b', { 'x-amz-copy-source': 'vault/a?versionId=1' });
    expect(iamActions(copy)).toEqual(['s3:PutObject', 's3:GetObjectVersion']);
  });

  test('of a put that locks the object includes setting its retention', () => {
    const put = request('s3', 'PUT /vault/b', { 'x-amz-object-lock-mode': 'GOVERNANCE' });
    expect(iamActions(put)).toEqual(['s3:PutObject', 's3:PutObjectRetention']);
  });

  test('of a delete that overrides a lock includes bypassing governance', () => {
    const remove = request('s3', 'DELETE /vault/b?versionId=1', {
      'x-amz-bypass-governance-retention': 'true',
    });
    expect(iamActions(remove)).toEqual(['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention']);
  });
});

describe('the IAM action of a request to another service', () => {
  const json = (target: string) => ({ 'x-amz-target': target });
  const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

  test.each([
    ['dynamodb', 'POST /', json('DynamoDB_20120810.PutItem'), '', 'dynamodb:PutItem'],
    ['states', 'POST /', json('AWSStepFunctions.StartExecution'), '', 'states:StartExecution'],
    ['secretsmanager', 'POST /', json('secretsmanager.GetSecretValue'), '', 'secretsmanager:GetSecretValue'],
    ['kms', 'POST /', json('TrentService.GenerateDataKey'), '', 'kms:GenerateDataKey'],
    ['sqs', 'POST /', json('AmazonSQS.ReceiveMessage'), '', 'sqs:ReceiveMessage'],
    ['sqs', 'POST /', json('AmazonSQS.DeleteMessageBatch'), '', 'sqs:DeleteMessage'],
    ['sqs', 'POST /', json('AmazonSQS.ChangeMessageVisibilityBatch'), '', 'sqs:ChangeMessageVisibility'],
    ['sns', 'POST /', form, 'Action=PublishBatch', 'sns:Publish'],
    ['sns', 'POST /', form, 'TopicArn=t&Message=m&Action=Publish&Version=2010', 'sns:Publish'],
    ['rds', 'POST /', form, 'Action=DescribeDBInstances', 'rds:DescribeDBInstances'],
    [
      'monitoring',
      'POST /service/GraniteServiceVersion20100801/operation/PutMetricData',
      {},
      '',
      'cloudwatch:PutMetricData',
    ],
    ['lambda', 'POST /2015-03-31/functions/backup/invocations', {}, '', 'lambda:InvokeFunction'],
    ['scheduler', 'PUT /schedules/nightly', {}, '', 'scheduler:UpdateSchedule'],
    ['route53', 'POST /2013-04-01/hostedzone/Z1/rrset/', {}, '', 'route53:ChangeResourceRecordSets'],
  ])('%s %s %j', (service, line, headers, body, action) => {
    expect(iamActions(request(service, line, headers as Record<string, string>, body || undefined))).toEqual([
      action,
    ]);
  });

  test('of what RDS makes with tags is that of tagging too', () => {
    const body = 'Action=CreateDBSnapshot&DBSnapshotIdentifier=s&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b';
    const actions = ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'];
    expect(iamActions(request('rds', 'POST /', form, body))).toEqual(actions);
    const tagging = body.replace('CreateDBSnapshot', 'AddTagsToResource');
    expect(iamActions(request('rds', 'POST /', form, tagging))).toEqual(['rds:AddTagsToResource']);
  });

  test('of a DynamoDB transaction is that of its parts', () => {
    const body = '{"TransactItems":[{"Put":{"Item":{}}},{"ConditionCheck":{}},{"Put":{}}]}';
    const transaction = request('dynamodb', 'POST /', json('DynamoDB_20120810.TransactWriteItems'), body);
    expect(needsBody(transaction)).toBe(true);
    expect(iamActions(transaction)).toEqual(['dynamodb:PutItem', 'dynamodb:ConditionCheckItem']);
  });

  test('of PartiQL is that of its verbs', () => {
    const body = String.raw`{"Statements":[{"Statement":"INSERT INTO \"t\" VALUE {}"},{"Statement":"update \"t\" SET a=1"}]}`;
    const batch = request('dynamodb', 'POST /', json('DynamoDB_20120810.BatchExecuteStatement'), body);
    expect(iamActions(batch)).toEqual(['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate']);
  });

  test('is unknown, with what was seen, where the gateway has no name for it', () => {
    expect(iamActions(request('lambda', 'PATCH /2099-01-01/new?thing=1'))).toEqual([
      'unknown:lambda PATCH /2099-01-01/new?thing',
    ]);
    expect(iamActions(request('s3', 'PATCH /vault/a'))).toEqual(['unknown:s3 PATCH /vault/a']);
  });
});

describe('the scope of a request', () => {
  const url = (text: string) => new URL(text, 'http://gateway');

  test('comes from the Authorization header', () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=ASIA1/20260102/eu-west-1/s3/aws4_request, SignedHeaders=host';
    expect(scopeOf({ headers: { authorization } }, url('/'))).toEqual({
      accessKey: 'ASIA1',
      region: 'eu-west-1',
      service: 's3',
    });
  });

  test('comes from the query of a presigned URL', () => {
    const presigned = url('/vault/a?X-Amz-Credential=ASIA1%2F20260102%2Feu-west-1%2Fs3%2Faws4_request');
    expect(scopeOf({ headers: {} }, presigned)?.service).toBe('s3');
  });

  test('is missing from an unsigned request', () => {
    expect(scopeOf({ headers: {} }, url('/_ministack/health'))).toBeUndefined();
  });
});
