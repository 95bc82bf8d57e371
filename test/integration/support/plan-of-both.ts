import { readFile } from 'node:fs/promises';
import { CreateAliasCommand, CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { parse } from 'yaml';
import { loadSample } from '../../../local/sample/load-sample.ts';
import { beat, heartbeats, prepareHeartbeat } from '../../../shared/database/postgres/heartbeat.ts';
import type { Deployed } from './deployed.ts';
import { rdsAccount } from './rds-account.ts';

/** The Regions of plans/mailblast.yml. */
export const PRIMARY = 'us-east-1';
export const STANDBY = 'us-west-2';

const ALIAS = 'alias/copies';

/** The plan of a database on a server, with one on RDS beside it. */
export async function planOfBoth() {
  const plan = parse(await readFile('plans/mailblast.yml', 'utf8'));
  const kept = { schedule: 'on-demand', retention: '2d' };
  return {
    ...plan,
    databases: {
      ...plan.databases,
      shop: {
        // A stack has one network.
        postgres: {
          ...plan.databases.main.postgres,
          secret: 'shop/database',
          certificateAuthority: 'shop/ca',
        },
        rds: { instance: 'shop' },
        heartbeat: { every: '1m' },
        backups: {
          hourly: { rdsSnapshot: { copyToStandby: { key: ALIAS } }, ...kept },
          moments: { pointInTime: {}, ...kept },
        },
      },
    },
    restoreTests: {
      ...plan.restoreTests,
      snapshots: {
        from: { database: 'shop', backup: 'hourly', choose: 'newest' },
        into: {
          scratchInstance: {
            securityGroups: ['sg-0a1b2c3d4e5f60001'],
            certificateAuthority: 'shop/rds-ca',
            expires: '6h',
          },
        },
        schedule: 'on-demand',
        scenario: 'server-crash',
        freshness: '1h',
        checks: [],
      },
    },
  };
}

/** Fills the database on the server, makes the one on RDS and fills that. */
export async function fillBoth(stack: Deployed, { kms }: { kms: KMSClient }): Promise<void> {
  await stack.onSource(async (client) => {
    await loadSample(client, 'mailblast', { scale: 0.002 });
    await prepareHeartbeat(client);
    await beat(client, 'mailblast', new Date());
  });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: KeyMetadata?.KeyId }));
  const certificateAuthority = await stack.aws.rds.ca();
  const account = rdsAccount(stack, PRIMARY);
  try {
    const { secrets } = account;
    await secrets.send(new CreateSecretCommand({ Name: 'shop/rds-ca', SecretString: certificateAuthority }));
    await account.create('shop', { DeletionProtection: false });
    const login = await account.loginTo('shop');
    const access = { ...login, certificateAuthority };
    for (const [SecretId, SecretString] of [
      ['shop/ca', certificateAuthority],
      ['shop/database', JSON.stringify(access)],
    ])
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
    await account.query(
      login,
      "CREATE TABLE orders (id int PRIMARY KEY, item text); INSERT INTO orders VALUES (1, 'lamp')",
    );
    await heartbeats.beat(access, 'mailblast', new Date());
  } finally {
    account.close();
  }
}
