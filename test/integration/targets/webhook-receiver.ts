import type { ServerResponse } from 'node:http';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAuthority } from 'certificate-authority';
import { parseDuration } from '../../../shared/plan/values/duration.ts';
import { openTarget } from '../../../shared/replay/targets/open-target.ts';
import type { Fault, Receiver } from '../../contract/target.ts';
import { httpReceiver, httpsReceiver, keeping, type Received } from '../../unit/replay/targets/receiver.ts';
import type { Identity } from './account.ts';
import { clock } from './clock.ts';

const TOKEN = 'Bearer tok-4711-s3cret';

/** An application with a webhook, and the secrets that lead to it. */
export async function webhookReceiver(
  owner: Identity,
  stranger: Identity,
  { tls }: { tls: boolean },
): Promise<Receiver & { stop(): Promise<void> }> {
  const received: Received[] = [];
  const faults: { fault: Fault; onItsWay: () => void }[] = [];
  const serve = keeping(received, (response, { headers, body }) => {
    const next = faults.shift();
    next?.onItsWay();
    if (next) {
      received.pop(); // it has no effect
      answerWith(next.fault, response);
    } else if (body.toString() === 'refuse me')
      response.writeHead(422).end(`who is ${headers.authorization}?`);
    else response.end('thank you');
  });
  const authority = await createAuthority('receiver');
  const server = tls ? await httpsReceiver(await authority.issueServer(), serve) : await httpReceiver(serve);

  const names = tls ? { secret: 'tls/webhook', certificateAuthority: 'tls/ca' } : { secret: 'plain/webhook' };
  const secrets = new SecretsManagerClient(owner);
  const url = tls
    ? `https://localhost:${server.port}/hook-4711`
    : `http://127.0.0.1:${server.port}/hook-4711`;
  const SecretString = JSON.stringify({ url, headers: { authorization: TOKEN } });
  await secrets.send(new CreateSecretCommand({ Name: names.secret, SecretString }));
  if (names.certificateAuthority !== undefined)
    await secrets.send(
      new CreateSecretCommand({ Name: names.certificateAuthority, SecretString: authority.certificate }),
    );
  secrets.destroy();

  async function openAs(who: Identity, difference: { secret?: string } = {}) {
    const client = new SecretsManagerClient(who);
    try {
      const webhook = { keys: [], timeout: parseDuration('10s'), ...names, ...difference };
      return await openTarget(
        { webhook },
        { deadLetters: 'not asked for', inFlight: 12, place: 'replays.tested.as' },
        { secrets: client, clock },
      );
    } finally {
      client.destroy();
    }
  }

  return {
    open: () => openAs(owner),
    unusable: 'SecretUnusable',
    openMissing: () => openAs(owner, { secret: 'nowhere/webhook' }),
    openForbidden: () => openAs(stranger),
    arrived: async (key) =>
      received
        .filter(
          ({ headers, body }) => headers['idempotency-key'] === `"${key}"` && body.toString() !== 'refuse me',
        )
        .map(({ body }) => body.toString()),
    async next(fault) {
      const { promise, resolve } = Promise.withResolvers<void>();
      faults.push({ fault, onItsWay: resolve });
      return { onItsWay: promise };
    },
    refusable: () => ({ body: 'refuse me' }),
    largest: 256 * 1024,
    retryAfter: 7_000,
    secret: /4711|s3cret/,
    stop: server.stop,
  };
}

function answerWith(fault: Fault, response: ServerResponse): void {
  if (fault === 'fail') response.writeHead(500).end();
  if (fault === 'throttle') response.writeHead(429, { 'retry-after': '7' }).end();
  if (fault === 'break') response.socket?.destroy();
}
