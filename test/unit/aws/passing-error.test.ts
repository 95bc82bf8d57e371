import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeDBSnapshotsCommand } from '@aws-sdk/client-rds';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { rdsClient } from '../../../shared/aws/clients/rds.ts';
import { s3Client } from '../../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../../shared/aws/clients/secrets.ts';
import { namedIfPassing } from '../../../shared/aws/passing-error.ts';
import { task } from '../../../shared/lambda/task.ts';

/** Answers every request of any service with one error. */
let server: Server;
let answer: (requested: string) => { status: number; type: string; body: string; code?: string };
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests++;
    request.resume().on('end', () => {
      const { status, type, body, code } = answer(request.url ?? '');
      response
        .writeHead(status, { 'content-type': type, ...(code && { 'x-amzn-errortype': code }) })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  requests = 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'error'] as const) vi.spyOn(console, level).mockReturnValue();
});

const account = () => ({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  // One attempt: the SDK's own waits are of no interest here.
  attempts: 1,
});

const xml = (status: number, code: string) => () => ({
  status,
  type: 'text/xml',
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`,
});
const s3 = (status: number, code: string) => () => ({
  status,
  type: 'application/xml',
  body: `<Error><Code>${code}</Code><Message>Rate exceeded</Message></Error>`,
});
const json = (status: number, code: string) => () => ({
  status,
  code,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify({ __type: code, message: 'Rate exceeded' }),
});

const askRds = () => rdsClient(account()).send(new DescribeDBSnapshotsCommand({}));
const askS3 = () =>
  s3Client({ ...account() }).send(new GetObjectCommand({ Bucket: 'vault', Key: 'manifests/a.json' }));
const askDynamo = () =>
  dynamoClient(account()).send(new GetItemCommand({ TableName: 'journal', Key: { workload: { S: 'a' } } }));
const askSecrets = () => secretsClient(account()).send(new GetSecretValueCommand({ SecretId: 'shop' }));

/** What leaves a function that makes this call. */
async function leaving(call: () => Promise<unknown>): Promise<Error> {
  const contract = {
    name: 'a-function',
    input: z.object({}),
    output: z.object({}),
    environment: z.object({}),
  };
  const handler = task(contract, () => async () => {
    await call();
    return {};
  });
  const context = { awsRequestId: 'a', getRemainingTimeInMillis: () => 60_000 } as Context;
  return handler({}, context).then(
    () => new Error('it did not fail'),
    (error) => error,
  );
}

describe('a function', () => {
  test.each([
    ['RDS', 'Throttling', askRds, xml(400, 'Throttling')],
    ['RDS', 'ThrottlingException', askRds, xml(400, 'ThrottlingException')],
    ['RDS', 'RequestLimitExceeded', askRds, xml(503, 'RequestLimitExceeded')],
    ['S3', 'SlowDown', askS3, s3(503, 'SlowDown')],
    ['S3', 'RequestLimitExceeded', askS3, s3(503, 'RequestLimitExceeded')],
    [
      'DynamoDB',
      'ProvisionedThroughputExceededException',
      askDynamo,
      json(400, 'ProvisionedThroughputExceededException'),
    ],
    ['DynamoDB', 'ThrottlingException', askDynamo, json(400, 'ThrottlingException')],
    ['Secrets Manager', 'ThrottlingException', askSecrets, json(400, 'ThrottlingException')],
    ['Secrets Manager', 'TooManyRequestsException', askSecrets, json(429, 'TooManyRequestsException')],
  ])(
    'that %s throttles as %s says that it was throttled, by which call',
    async (service, code, call, fault) => {
      answer = fault;
      const error = await leaving(call);
      expect(error).toMatchObject({
        name: 'ServiceThrottled',
        kind: 'unavailable',
        retryable: true,
        message: expect.stringMatching(
          new RegExp(
            `^${service} \\w+ in Region eu-west-1 was throttled in every attempt \\(${code}: Rate exceeded\\)$`,
          ),
        ),
      });
    },
  );

  test.each([
    ['RDS', 'InternalFailure', askRds, xml(500, 'InternalFailure')],
    ['RDS', 'ServiceUnavailable', askRds, xml(503, 'ServiceUnavailable')],
    ['RDS', 'BadGateway', askRds, xml(502, 'BadGateway')],
    ['S3', 'InternalError', askS3, s3(500, 'InternalError')],
    ['S3', 'ServiceUnavailable', askS3, s3(503, 'ServiceUnavailable')],
    ['DynamoDB', 'InternalServerError', askDynamo, json(500, 'InternalServerError')],
    ['Secrets Manager', 'InternalServiceError', askSecrets, json(500, 'InternalServiceError')],
  ])('for which %s fails with %s says that the service failed', async (service, code, call, fault) => {
    answer = fault;
    expect(await leaving(call)).toMatchObject({
      name: 'ServiceFailed',
      retryable: true,
      message: expect.stringMatching(
        new RegExp(`^${service} \\w+ in Region eu-west-1 failed .*\\(${code}: `),
      ),
    });
  });

  test.each([
    ['AccessDenied', askS3, s3(403, 'AccessDenied')],
    ['AccessDeniedException', askSecrets, json(400, 'AccessDeniedException')],
    ['DBSnapshotNotFound', askRds, xml(404, 'DBSnapshotNotFound')],
    ['InvalidDBInstanceState', askRds, xml(400, 'InvalidDBInstanceState')],
    ['SnapshotQuotaExceeded', askRds, xml(400, 'SnapshotQuotaExceeded')],
  ])('that is refused with %s keeps that name', async (code, call, fault) => {
    answer = fault;
    expect((await leaving(call)).name).toMatch(new RegExp(`^${code}`));
  });

  test('whose own error it is keeps that', () => {
    const own = new TypeError('not a function');
    expect(namedIfPassing(own)).toBe(own);
    expect(namedIfPassing('text')).toBe('text');
  });
});

test('RDS is asked five times before it counts as throttling', async () => {
  answer = xml(400, 'Throttling');
  const { attempts: _, ...limits } = account();
  await expect(rdsClient(limits).send(new DescribeDBSnapshotsCommand({}))).rejects.toMatchObject({
    name: 'Throttling',
  });
  expect(requests).toBe(5);
});
