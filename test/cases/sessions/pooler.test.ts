import { afterAll, describe, expect, test } from 'vitest';
import { connect } from '../../../shared/database/postgres/connect.ts';
import { accessOf, runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';
import { noPgbouncer, type Pgbouncer, startPgbouncer } from './pgbouncer.ts';

const servers = useServers();

/** What a session of the application has: nothing that Lifeboat sets. */
const SETTINGS = "SELECT current_setting('search_path') AS path, current_setting('row_security') AS rows";

describe(`pgbouncer${noPgbouncer ? ` (skipped: ${noPgbouncer})` : ''}`, () => {
  const started: Pgbouncer[] = [];
  const start = async (settings: Record<string, string>) => {
    const database = await servers.newDatabase();
    await runEach(database, ['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1)']);
    const bouncer = await startPgbouncer(servers.source, database, settings);
    started.push(bouncer);
    return { database, pooled: bouncer.connection };
  };
  afterAll(() => Promise.all(started.map((bouncer) => bouncer.stop())));

  fieldCase(
    'A9',
    async (now) => {
      const { pooled } = await start({ pool_mode: 'transaction', default_pool_size: '4' });
      let failed = 0;
      let asked = 0;
      let ended = false;
      const clients = Array.from({ length: 6 }, async () => {
        while (!ended) {
          asked += 1;
          await runEach(pooled, ['SELECT count(*) FROM t']).catch(() => {
            failed += 1;
          });
        }
      });
      const outcome = await servers.takeBackup(pooled).then(
        () => null,
        (error: unknown) => error,
      );
      ended = true;
      await Promise.all(clients);
      expect(outcome).toMatchObject({
        name: 'PoolerSharesSessions',
        retryable: false,
        message: expect.stringContaining('shares sessions'),
        hint: expect.stringContaining('pool_mode = session'),
      });
      expect({ failed, asked: asked > 6 }).toEqual({ failed: 0, asked: true });
      now(
        'refused before anything is set, with the reason and the next step; no query of the application failed',
      );
    },
    { skipped: noPgbouncer },
  );

  test.skipIf(noPgbouncer).each([
    { pool_mode: 'transaction', default_pool_size: '1' },
    { pool_mode: 'transaction', default_pool_size: '20' },
    { pool_mode: 'transaction', default_pool_size: '20', server_round_robin: '1', min_pool_size: '5' },
    { pool_mode: 'transaction', default_pool_size: '20', min_pool_size: '5' },
    { pool_mode: 'statement', default_pool_size: '4' },
  ])('an idle pool is recognised: %o', async (settings) => {
    const { pooled } = await start(settings);
    const before = await Promise.all(Array.from({ length: 4 }, () => runEach(pooled, [SETTINGS])));
    await expect(connect(accessOf(pooled), 'test')).rejects.toMatchObject({ name: 'PoolerSharesSessions' });
    const after = await Promise.all(Array.from({ length: 4 }, () => runEach(pooled, [SETTINGS])));
    expect(after).toEqual(before);
  });

  test.skipIf(noPgbouncer)('a pooler in session mode is as good as the server', async () => {
    const { database, pooled } = await start({ pool_mode: 'session', default_pool_size: '20' });
    const { verdict, reason } = await servers.backUpAndRestore({ source: pooled });
    expect(verdict, reason).toBe('verified');
    expect(pooled.port).not.toBe(database.port);
  });

  test.skipIf(noPgbouncer)(
    'a pooler in session mode without a second session is named',
    async () => {
      const { pooled } = await start({ pool_mode: 'session', default_pool_size: '1' });
      await expect(connect(accessOf(pooled), 'test')).rejects.toMatchObject({
        name: 'DatabaseUnreachable',
        message: expect.stringContaining('no session left'),
      });
    },
    30_000,
  );
});
