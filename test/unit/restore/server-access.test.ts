import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { readServerAccess } from '../../../shared/restore/server-access.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const SECRETS: Readonly<Record<string, string>> = {
  'shop/ca': PEM,
  'shop/scratch': JSON.stringify({ host: 'scratch', port: 5432, username: 'scratch', password: 'one' }),
  'rds!db-1': JSON.stringify({ username: 'lifeboat', password: 'two' }),
};
const secrets = () => {
  const client = mockClient(SecretsManagerClient);
  client.on(GetSecretValueCommand).callsFake(({ SecretId }) => ({ SecretString: SECRETS[SecretId] }));
  return client as unknown as SecretsManagerClient;
};
const server = { certificateAuthority: 'shop/ca', expires: 1 as never };
const instance = { name: 'a', host: 'own', port: 5433, dbname: 'postgres', loginSecret: 'rds!db-1' };

test('a server of the plan is reached with the login of the plan, also where an instance is given', async () => {
  const planned = { ...server, secret: 'shop/scratch', keys: [] };
  for (const given of [undefined, null, instance])
    expect(await readServerAccess(secrets(), planned, given)).toMatchObject({
      host: 'scratch',
      password: 'one',
    });
});

test('an instance of the run is reached with the login that RDS made', async () => {
  expect(await readServerAccess(secrets(), { ...server, secret: null }, instance)).toEqual({
    host: 'own',
    port: 5433,
    dbname: 'postgres',
    username: 'lifeboat',
    password: 'two',
    certificateAuthority: PEM,
  });
});

test('a step that is not told the instance of its run says so', async () => {
  await expect(readServerAccess(secrets(), { ...server, secret: null })).rejects.toMatchObject({
    name: 'NotInPlan',
    message: 'the copy is on an RDS instance of its run, and this step was not told which',
  });
});
