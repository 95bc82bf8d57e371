import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { s3Client } from '../../../shared/aws/clients/s3.ts';
import { s3Vault } from '../../../shared/vault/s3-vault.ts';

/** Not SlowDown, which is met with longer waits than a test may take. */
const BUSY = '<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>';

let server: http.Server | undefined;

afterEach(() => server?.close());

/** An S3 that fails so many times before it answers. */
async function busyS3(times: number): Promise<string> {
  let refused = 0;
  server = http.createServer((request, response) => {
    request.resume();
    if (refused < times) {
      refused += 1;
      response.writeHead(503, { 'content-type': 'application/xml' }).end(BUSY);
    } else response.writeHead(200).end('the object');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a vault whose store fails five times in a row answers all the same', async () => {
  const endpoint = await busyS3(5);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = s3Client({ endpoint, region: 'us-east-1', credentials });
  expect((await s3Vault(client, 'vault', 'governance').read('manifests/a.json')).toString()).toBe(
    'the object',
  );
  client.destroy();
}, 20_000);
