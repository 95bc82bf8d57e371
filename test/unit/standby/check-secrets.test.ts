import { describe, expect, test } from 'vitest';
import { checkSecrets } from '../../../functions/standby/permissions.ts';
import { SecretUnavailable, SecretUnusable } from '../../../shared/aws/read-secret.ts';
import { secretsIn, unreadableSecrets } from '../../../shared/standby/check-secrets.ts';
import { DATABASE, ON_RDS, planOf, QUEUE, WEBHOOK } from '../resources/plan-fixture.ts';

const everything = planOf({
  ...ON_RDS,
  restores: {
    production: {
      from: { database: 'main', backup: 'full' },
      into: { server: { secret: 'shop/new-server', certificateAuthority: 'shop/new-ca', expires: '1d' } },
      owner: 'shop',
      scenario: 'crash',
      freshness: '5m',
    },
  },
  replays: { orders: QUEUE, mails: WEBHOOK },
  rehydrations: {
    carts: {
      database: 'main',
      sql: 'SELECT id AS key, body FROM carts',
      into: { redisList: { secret: 'shop/redis', list: 'carts' } },
    },
  },
});

describe('the secrets of a plan', () => {
  test('are those of sources, scratch servers, restores, webhooks and Redis, each once', () => {
    expect(secretsIn(everything).sort()).toEqual([
      'shop/ca',
      'shop/database',
      'shop/new-ca',
      'shop/new-server',
      'shop/redis',
      'shop/scratch',
      'shop/webhook',
    ]);
  });

  test('may all be read by the function that checks them, and no other', () => {
    const allowed = JSON.stringify(checkSecrets(everything));
    const named = [...allowed.matchAll(/secret:(shop\/[a-z-]+)-\?{6}/g)].map(([, name]) => name);
    expect([...new Set(named)].sort()).toEqual(secretsIn(everything).sort());
  });

  test('of a scratch instance are its certificate authority: RDS makes its login', () => {
    const snapshots = {
      ...ON_RDS.restoreTests.snapshots,
      into: {
        scratchInstance: {
          securityGroups: ['sg-0a1b2c3d'],
          certificateAuthority: 'shop/standby-ca',
          expires: '12h',
        },
      },
    };
    const plan = planOf({ ...ON_RDS, restoreTests: { snapshots } });
    expect(secretsIn(plan).sort()).toEqual(['shop/ca', 'shop/database', 'shop/standby-ca']);
  });
});

describe('a secret that cannot be read', () => {
  const plan = planOf({ databases: { main: DATABASE }, restoreTests: {} });

  test('is named with the reason, and the others are read all the same', async () => {
    const read: string[] = [];
    const unreadable = await unreadableSecrets(plan, async (secret) => {
      if (secret === 'shop/database') throw new SecretUnusable(secret, 'does not exist');
      read.push(secret);
    });
    expect(unreadable).toEqual([
      { secret: 'shop/database', reason: 'secret "shop/database" does not exist' },
    ]);
    expect(read).toEqual(['shop/ca']);
  });

  test('is no finding where the service does not answer: nothing is known then', async () => {
    const broken = unreadableSecrets(plan, async () => {
      throw new SecretUnavailable('Secrets Manager does not answer');
    });
    await expect(broken).rejects.toThrow('Secrets Manager does not answer');
  });
});
