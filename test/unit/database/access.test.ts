import { inspect } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { readDatabaseAccess } from '../../../shared/database/access.ts';

const secrets = mockClient(SecretsManagerClient);
const names = { secret: 'mailblast/database', certificateAuthority: 'mailblast/database-ca' };
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const PASSWORD = 'correct-horse-battery-staple';
const secret = {
  engine: 'postgres',
  host: 'db.internal',
  port: 6432,
  username: 'app',
  password: PASSWORD,
  dbname: 'mailblast',
};

beforeEach(() => secrets.reset());

function holding(text: string | undefined, authority: string = PEM): void {
  secrets
    .on(GetSecretValueCommand, { SecretId: names.secret })
    .resolves(text === undefined ? {} : { SecretString: text })
    .on(GetSecretValueCommand, { SecretId: names.certificateAuthority })
    .resolves({ SecretString: authority });
}

const read = () => readDatabaseAccess(new SecretsManagerClient({ region: 'us-east-1' }), names);

/** What the read throws, with everything that a careless log would print of it. */
async function refusal(): Promise<{ name: string; message: string; everything: string }> {
  try {
    await read();
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message, everything: inspect(error, { depth: 10, showHidden: true }) };
  }
  throw new Error('the secret was accepted');
}

describe('the access to a database', () => {
  test('is read from the format of RDS', async () => {
    holding(JSON.stringify(secret));
    expect(await read()).toEqual({
      host: 'db.internal',
      port: 6432,
      username: 'app',
      password: PASSWORD,
      dbname: 'mailblast',
      certificateAuthority: PEM,
    });
  });

  test('takes a port in quotes, and what PostgreSQL takes where port and database are left out', async () => {
    holding(JSON.stringify({ ...secret, port: '5433' }));
    expect((await read()).port).toBe(5433);
    secrets.reset();
    holding(JSON.stringify({ ...secret, port: undefined, dbname: undefined }));
    expect(await read()).toMatchObject({ port: 5432, dbname: 'postgres' });
  });

  test.each([
    ['no host', { ...secret, host: undefined }, 'host'],
    ['an empty password', { ...secret, password: '' }, 'password'],
    ['a port that is not a number', { ...secret, port: PASSWORD }, 'port'],
    ['several wrong fields', { password: PASSWORD }, 'host, username'],
    ['a password alone', PASSWORD, 'the whole'],
    ['a list', [PASSWORD], 'the whole'],
  ])('is refused of a secret with %s, by the name of the field', async (_, value, fields) => {
    holding(JSON.stringify(value));
    const { name, message, everything } = await refusal();
    expect(name).toBe('SecretUnusable');
    expect(message).toBe(`secret "mailblast/database" lacks or misstates: ${fields}`);
    expect(everything).not.toContain(PASSWORD);
  });

  test.each([
    ['a connection string', `postgres://app:${PASSWORD}@db.internal/mailblast`],
    ['JSON that was cut', JSON.stringify(secret).slice(0, -1)],
    ['a password alone', PASSWORD],
  ])('is refused of %s without a word of it', async (_, text) => {
    holding(text);
    const { name, message, everything } = await refusal();
    expect(name).toBe('SecretUnusable');
    expect(message).toMatch(/^secret "mailblast\/database" is not JSON: expected \{"host"/);
    expect(everything).not.toContain(PASSWORD);
    // A parser's message would quote how the text begins.
    expect(everything).not.toContain(text.slice(0, 11));
  });

  test('is refused of a secret without text', async () => {
    holding(undefined);
    expect((await refusal()).message).toBe('secret "mailblast/database" has no text value');
  });

  test('is refused where the authority is no certificate', async () => {
    holding(JSON.stringify(secret), JSON.stringify(secret));
    const { message, everything } = await refusal();
    expect(message).toBe(
      'secret "mailblast/database-ca" holds no PEM certificate: put the CA bundle of the database there',
    );
    expect(everything).not.toContain(PASSWORD);
  });

  test('names the secret that is missing and says what Secrets Manager said', async () => {
    holding(JSON.stringify(secret));
    secrets.on(GetSecretValueCommand, { SecretId: names.certificateAuthority }).rejects(
      Object.assign(new Error("Secrets Manager can't find the specified secret."), {
        name: 'ResourceNotFoundException',
      }),
    );
    const { name, message } = await refusal();
    expect(name).toBe('SecretUnusable');
    expect(message).toBe(
      'secret "mailblast/database-ca" could not be read (ResourceNotFoundException: Secrets Manager can\'t find the specified secret.): create it in this Region',
    );
  });
});
