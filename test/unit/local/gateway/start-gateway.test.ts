import os from 'node:os';
import path from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unixUpstream } from '../../../../local/gateway/forward.ts';
import { type Gateway, startGateway } from '../../../../local/gateway/start-gateway.ts';

let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway(unixUpstream(path.join(os.tmpdir(), 'no-such-service.sock')));
});

afterEach(() => gateway.stop());

test.each([
  ['S3', (settings: object) => new S3Client(settings).send(new ListBucketsCommand())],
  ['Step Functions', (settings: object) => new SFNClient(settings).send(new ListStateMachinesCommand())],
])('a gateway with nothing behind it tells a client of %s so, in words it can read', async (_, call) => {
  const settings = {
    endpoint: gateway.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  await expect(call(settings)).rejects.toMatchObject({
    name: 'ServiceUnavailable',
    message: expect.stringMatching(/^nothing answers behind the gateway .*ENOENT.*ministack\.log/),
  });
});
