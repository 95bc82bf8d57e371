import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server } from 'node:net';
import { createAuthority } from 'certificate-authority';
import { afterEach, describe, expect, test } from 'vitest';
import { lookAtEndpoint } from '../../../shared/failover/looks/endpoint.ts';

/* Each input is one on which a health check of another tool failed over, or did not, for the wrong reason. */

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    if (server instanceof http.Server || server instanceof https.Server) server.closeAllConnections();
  }
});

async function listening(server: Server, scheme = 'http'): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
}
const answering = (listener: http.RequestListener) => listening(http.createServer(listener));
const look = (url: string, status = 200, answerMs = 400) => lookAtEndpoint({ url, status }, answerMs);

describe('an endpoint', () => {
  test('is healthy with the status of the plan, whatever its body says', async () => {
    const url = await answering((_, response) => {
      response.statusCode = 204;
      response.end();
    });
    expect(await look(url, 204)).toMatchObject({ seen: 'healthy' });
    expect(await look(url, 200)).toMatchObject({
      seen: 'failing',
      detail: expect.stringContaining('204, not 200'),
    });
  });

  test('that never stops sending its body is healthy at once', async () => {
    const url = await answering((_, response) => {
      response.write('x'.repeat(1_000));
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await look(url)).toMatchObject({ seen: 'healthy' });
  });

  // github.com/awsdocs/elastic-beanstalk-samples/issues/159: every check failed with 301, and nothing said why.
  // github.com/azavea/nyc-trees/pull/919: the page of the other side answered 200.
  test('that redirects fails, is not followed, and names where it points to', async () => {
    let asked = 0;
    const other = await answering((_, response) => {
      asked++;
      response.end();
    });
    const url = await answering((_, response) => response.writeHead(301, { location: other }).end());
    expect(await look(url)).toMatchObject({
      seen: 'failing',
      detail: expect.stringMatching(
        /answered 301, not 200 and points to 127\.0\.0\.1:\d+: redirects are not followed/,
      ),
    });
    expect(asked).toBe(0);
  });

  // github.com/patroni/patroni/issues/3550: a fixed time limit of 2 s failed over a primary that was only far away.
  test('that answers late, within the time, is healthy', async () => {
    const url = await answering((_, response) => void setTimeout(() => response.end(), 250));
    expect(await lookAtEndpoint({ url, status: 200 }, 10_000)).toMatchObject({ seen: 'healthy' });
  });

  // github.com/acassen/keepalived/issues/535: a check that hung was never a failure.
  test.each([
    ['accepts the connection and says nothing', () => listening(net.createServer(() => {}))],
    [
      'sends a header and stops',
      () => listening(net.createServer((socket) => void socket.write('HTTP/1.1 200'))),
    ],
  ])('that %s is silent after its time', async (_, open) => {
    const began = Date.now();
    expect(await look(await open())).toMatchObject({ seen: 'failing', silent: true });
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('that refuses or closes the connection fails', async () => {
    const server = net.createServer((socket) => socket.destroy());
    const url = await listening(server);
    expect(await look(url)).toMatchObject({ seen: 'failing', detail: expect.stringContaining('ECONNRESET') });
    await new Promise((resolve) => server.close(resolve));
    expect(await look(url)).toMatchObject({
      seen: 'failing',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('that speaks no HTTP is unknown', async () => {
    const url = await listening(net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')));
    expect(await look(url)).toMatchObject({ seen: 'unknown' });
  });

  // github.com/awsdocs/amazon-route53-docs/pull/16: Route 53 accepts any certificate, so anybody can be healthy.
  test('with a certificate that is not accepted is unknown, and says so', async () => {
    const { certificate: cert, key } = await (await createAuthority('not known here')).issueServer();
    const url = await listening(
      https.createServer({ cert, key }, (_, response) => response.end()),
      'https',
    );
    expect(await look(url)).toMatchObject({
      seen: 'unknown',
      detail: expect.stringMatching(/a certificate that is not accepted here \(\w+\)/),
    });
  });

  test('whose name cannot be looked up is unknown: the name server may be the one at fault', async () => {
    const finding = await look('http://primary.invalid/health', 200, 5_000);
    expect(finding).toMatchObject({ seen: 'unknown', detail: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
  });

  test('gets the path and the query of the plan, and a user agent', async () => {
    let asked = '';
    const url = await answering((request, response) => {
      asked = `${request.method} ${request.url} ${request.headers['user-agent']}`;
      response.end();
    });
    await look(`${url}?deep=1`);
    expect(asked).toBe('GET /health?deep=1 Lifeboat watch-primary');
  });
});
