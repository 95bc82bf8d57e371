import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unixUpstream } from '../../../local/gateway/forward.ts';
import { type Gateway, startGateway } from '../../../local/gateway/start-gateway.ts';

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

test('a client that does not wait for a delayed answer is no error of the gateway', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-'));
  const socket = path.join(folder, 'service.sock');
  let asked = 0;
  const service = http.createServer((_, answer) => {
    asked += 1;
    answer.end('{"stateMachines":[]}');
  });
  await new Promise<void>((resolve) => service.listen(socket, resolve));
  const delayed = await startGateway(unixUpstream(socket));
  try {
    const client = new SFNClient({
      endpoint: delayed.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    delayed.disturb({ match: { service: 'states' }, fault: { delayMs: 1_000 } });
    const impatient = client.send(new ListStateMachinesCommand(), { abortSignal: AbortSignal.timeout(500) });
    await expect(impatient).rejects.toThrow();
    // The delay of the first goes on meanwhile, and ends: what would crash does so before this is answered.
    await client.send(new ListStateMachinesCommand());
    expect(asked).toBe(1);
  } finally {
    await delayed.stop();
    service.close();
    await rm(folder, { recursive: true });
  }
});
