import { inspect } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readJsonSecret, readSecret } from '../../../shared/aws/read-secret.ts';

const secrets = mockClient(SecretsManagerClient);
const client = new SecretsManagerClient({ region: 'us-east-1' });
const VALUE = 'correct-horse-battery-staple';

beforeEach(() => {
  secrets.reset();
});

const failing = (name: string, status?: number) =>
  secrets
    .on(GetSecretValueCommand)
    .rejects(
      Object.assign(new Error('no'), { name, ...(status ? { $metadata: { httpStatusCode: status } } : {}) }),
    );

describe('reading a secret', () => {
  it('gives its text', async () => {
    secrets.on(GetSecretValueCommand, { SecretId: 'app/db' }).resolves({ SecretString: VALUE });
    expect(await readSecret(client, 'app/db')).toBe(VALUE);
  });

  it.each([
    ['ResourceNotFoundException', 400, 'create it in this Region'],
    ['AccessDeniedException', 400, "allow the function's role"],
    ['DecryptionFailure', 400, 'could not be read'],
    ['InvalidRequestException', 400, 'could not be read'],
  ])('says what to correct where reading again would not help: %s', async (name, status, words) => {
    failing(name, status);
    await expect(readSecret(client, 'app/db')).rejects.toMatchObject({
      name: 'SecretUnusable',
      kind: 'usage',
      retryable: false,
      message: expect.stringMatching(new RegExp(`^secret "app/db" .*${name}: no.*`)),
    });
    await expect(readSecret(client, 'app/db')).rejects.toThrow(words);
  });

  it.each([
    ['ThrottlingException', 400],
    ['InternalServiceError', 500],
    ['TimeoutError', undefined],
  ])('is to be tried again: %s', async (name, status) => {
    failing(name, status);
    await expect(readSecret(client, 'app/db')).rejects.toMatchObject({
      name: 'SecretUnavailable',
      kind: 'unavailable',
      retryable: true,
      message: expect.stringContaining('"app/db"'),
    });
  });

  it('refuses a secret without text', async () => {
    secrets.on(GetSecretValueCommand).resolves({});
    await expect(readSecret(client, 'app/db')).rejects.toThrow('secret "app/db" has no text value');
  });

  it('never shows the value where it is not JSON', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: VALUE });
    const error = await readJsonSecret(client, 'app/db', '{"url"}').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'SecretUnusable',
      message: 'secret "app/db" is not JSON: expected {"url"}',
    });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(VALUE.slice(0, 11));
  });
});
