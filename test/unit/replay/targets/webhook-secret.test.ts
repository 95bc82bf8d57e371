import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { createAuthority } from 'certificate-authority';
import { beforeEach, describe, expect, test } from 'vitest';
import { SecretUnavailable, SecretUnusable } from '../../../../shared/aws/read-secret.ts';
import { readWebhookAddress } from '../../../../shared/replay/targets/webhook-secret.ts';

const secrets = mockClient(SecretsManagerClient);
const client = new SecretsManagerClient({ region: 'us-east-1' });

beforeEach(() => {
  secrets.reset();
});

function holding(text: string | undefined): void {
  secrets
    .on(GetSecretValueCommand, { SecretId: 'app/webhook' })
    .resolves(text === undefined ? {} : { SecretString: text });
}

const read = (certificateAuthority?: string) =>
  readWebhookAddress(client, {
    secret: 'app/webhook',
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
  });

/** As Secrets Manager refuses a call. */
const refusal = (name: string, message: string) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

async function mistake(certificateAuthority?: string): Promise<SecretUnusable> {
  const error = await read(certificateAuthority).catch((error: unknown) => error);
  if (error instanceof SecretUnusable) return error;
  throw new Error(`expected a mistake, not ${String(error)}`);
}

describe('the secret of a webhook', () => {
  test('gives the address and the headers', async () => {
    holding(JSON.stringify({ url: 'https://app.example.com/hook?t=1', headers: { 'X-Token': 'a b' } }));
    expect(await read()).toEqual({
      url: new URL('https://app.example.com/hook?t=1'),
      headers: { 'X-Token': 'a b' },
      certificateAuthority: null,
    });
  });

  test.each([
    'http://127.0.0.1:3000/',
    'http://127.8.8.8/',
    'http://127.1/',
    'http://[::1]:3000/',
    'http://localhost/',
    'http://LOCALHOST/',
  ])('may do without TLS for %s, which is this machine', async (url) => {
    holding(JSON.stringify({ url }));
    expect((await read()).url.protocol).toBe('http:');
  });

  test.each([
    'http://app.example.com/s3cret',
    'http://127.0.0.1.example.com/s3cret',
    'http://localhost.example.com/s3cret',
    'http://128.0.0.1/s3cret',
    'http://[::2]/s3cret',
    'http://[::ffff:10.0.0.1]/s3cret',
    'http://0.0.0.0/s3cret',
  ])('may not do without TLS for %s', async (url) => {
    holding(JSON.stringify({ url }));
    const { message } = await mistake();
    expect(message).toMatch(/^secret "app\/webhook" would send to \S+ without TLS: write https:/);
    expect(message).not.toContain('s3cret');
  });

  test.each([
    ['no text', undefined, /has no text value/],
    ['no JSON', 's3cret', /is not JSON/],
    ['an array', '["s3cret"]', /the whole/],
    ['no url', '{"uri":"https://s3cret"}', /lacks or misstates url/],
    ['a url that is no text', '{"url":7}', /lacks or misstates url/],
    [
      'headers that are no text',
      '{"url":"https://s3cret","headers":{"a":7,"b":["s3cret"]}}',
      /misstates headers/,
    ],
    ['a url without host', '{"url":"https://"}', /invalid `url`/],
    ['a relative url', '{"url":"/s3cret"}', /invalid `url`/],
    ['another protocol', '{"url":"ftp://example.com/s3cret"}', /not https/],
    ['a user', '{"url":"https://s3cret@example.com/"}', /credentials in its `url`/],
    ['a password', '{"url":"https://:s3cret@example.com/"}', /credentials in its `url`/],
  ])('is refused with %s, and not quoted', async (_, text, expected) => {
    holding(text);
    const { message } = await mistake();
    expect(message).toMatch(expected);
    expect(message).toContain('"app/webhook"');
    expect(message).not.toContain('s3cret');
  });

  test.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'Connection',
    'Idempotency-Key',
    'Proxy-Authorization',
  ])('may not set the header %s', async (name) => {
    holding(JSON.stringify({ url: 'https://example.com', headers: { [name]: 's3cret' } }));
    const { message } = await mistake();
    expect(message).toContain(`sets the header "${name}"`);
    expect(message).not.toContain('s3cret');
  });

  test.each(['', ' ', 's3cret\r\nx-admin: 1', 's3cret\n', 'Grüße s3cret', '\u0000s3cret', ' s3cret'])(
    'may not set a header to %j',
    async (value) => {
      holding(JSON.stringify({ url: 'https://example.com', headers: { 'x-token': value } }));
      const { message } = await mistake();
      expect(message).toContain('header "x-token" whose value is empty or not printable ASCII');
      expect(message).not.toContain('s3cret');
    },
  );

  test.each(['', 'x token', 'x:token', 'x\r\ntoken', 'tökén'])(
    'may not have a header named %j',
    async (name) => {
      holding(JSON.stringify({ url: 'https://example.com', headers: { [name]: 's3cret' } }));
      expect((await mistake()).message).toBe('secret "app/webhook" has an invalid header name');
    },
  );

  test('may come with an authority of its own', async () => {
    holding('{"url":"https://example.com"}');
    const { certificate } = await createAuthority('ours');
    secrets.on(GetSecretValueCommand, { SecretId: 'app/ca' }).resolves({ SecretString: certificate });
    expect((await read('app/ca')).certificateAuthority).toBe(certificate);
  });

  test.each(['s3cret', '-----BEGIN CERTIFICATE-----\ns3cret\n-----END CERTIFICATE-----\n'])(
    'is refused with an authority that is not a certificate',
    async (pem) => {
      holding('{"url":"https://example.com"}');
      secrets.on(GetSecretValueCommand, { SecretId: 'app/ca' }).resolves({ SecretString: pem });
      const { message } = await mistake('app/ca');
      expect(message).toMatch(/^secret "app\/ca" holds no PEM certificate/);
      expect(message).not.toContain('s3cret');
    },
  );

  test.each(['ResourceNotFoundException', 'AccessDeniedException', 'DecryptionFailure'])(
    'that cannot be read is a mistake: %s',
    async (name) => {
      secrets.on(GetSecretValueCommand).rejects(refusal(name, 'no'));
      expect((await mistake()).message).toMatch(`secret "app/webhook" could not be read (${name}: no)`);
    },
  );

  test('that cannot be read at the moment is no mistake', async () => {
    secrets.on(GetSecretValueCommand).rejects(refusal('ThrottlingException', 'later'));
    await expect(read()).rejects.toThrow(SecretUnavailable);
  });
});
