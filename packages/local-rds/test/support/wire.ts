import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { RDSClient } from '@aws-sdk/client-rds';

/** What a client of the SDK put on the wire, and what it gets back for it. */
export interface Wire {
  readonly client: RDSClient;
  /** Sends a command and gives it this answer; returns the body that it sent. */
  exchange(send: () => Promise<unknown>, answer: { status: number; body: string }): Promise<string>;
  stop(): Promise<void>;
}

/** A server on a free port that answers whatever the test says next, and the SDK's client for it. */
export async function openWire(): Promise<Wire> {
  let next = { status: 200, body: '' };
  let received = '';
  const server = http.createServer(async (request, response) => {
    received = await text(request);
    response.writeHead(next.status, { 'content-type': 'text/xml' }).end(next.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new RDSClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  return {
    client,
    async exchange(send, answer) {
      next = answer;
      await send();
      return received;
    },
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
