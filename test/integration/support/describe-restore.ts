import { beforeAll, describe, expect, test } from 'vitest';
import type { Deployed } from './deployed.ts';
import { restoredOn } from './restored.ts';
import { differingRows } from './row-comparison.ts';

/** A restore that stays, on a deployment that has a recovery point of its source as it is now. */
export function describeRestore(deployed: () => { stack: Deployed; recoveryPoint: string }): void {
  describe('a restore that stays', () => {
    let stack: Deployed;
    let second: string;
    let on: ReturnType<typeof restoredOn>;

    beforeAll(() => {
      ({ stack, recoveryPoint: second } = deployed());
      on = restoredOn(stack);
    });

    test('is handed over whole: rows, owner, grants, settings, and a login that is only in its secret', async () => {
      const finished = await on.restore({ into: 'restored_by_id', choose: second });
      expect(finished).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'restored' } });
      const evidence = await stack.evidence('restore', finished.runId);
      expect(evidence).toMatchObject({
        subject: 'production',
        recoveryPoint: second,
        objectives: { scenario: 'database-corruption', rpo: { basis: 'estimated' }, rto: { met: true } },
        leftBehind: null,
      });
      expect(evidence.checks.length).toBeGreaterThan(10);

      const { access, text } = await on.secretOf(evidence.steps.handOver?.secret ?? '');
      expect(access).toMatchObject({
        dbname: 'restored_by_id',
        username: 'restored_by_id',
        engine: 'postgres',
      });
      expect(JSON.stringify(evidence)).not.toContain(access.password);
      expect(await on.historyText(finished.runId)).not.toContain(access.password);
      expect(text).toContain(access.password);

      const rows = await on.asLogin(access, async (client) => {
        await client.query('SELECT count(*) FROM contacts');
        const { rows } = await client.query(
          `SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.has_database_privilege('mailblast_app', oid, 'CONNECT') AS connect,
             pg_catalog.current_setting('statement_timeout') AS timeout,
             (SELECT array_agg(DISTINCT pg_catalog.pg_get_userbyid(relowner)::text) FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace) AS owners
           FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()`,
        );
        return rows;
      });
      expect(rows).toEqual([
        { owner: 'mailblast_app', connect: true, timeout: '30s', owners: ['mailblast_app'] },
      ]);
      const compared = await stack.onSource((source) =>
        stack.onScratchServer((copy) => differingRows(source, copy), 'restored_by_id'),
      );
      expect(compared.rows).toBeGreaterThan(10_000);
      expect(compared.differing).toEqual([]);
      expect(await stack.scratchDatabases()).toEqual([]);
    });

    test('is refused where the name exists, and touches nothing', async () => {
      await stack.onScratchServer(async (client) => {
        await client.query('CREATE DATABASE production_itself');
      });
      await stack.onScratchServer((client) => client.query('CREATE TABLE precious ()'), 'production_itself');
      const before = await on.databasesAndRoles();
      for (const into of ['production_itself', 'restored_by_id', 'postgres', 'template1', 'mailblast_app']) {
        const finished = await on.restore({ into, choose: second });
        expect([into, finished]).toMatchObject([into, { status: 'FAILED', error: 'RestoreRefused' }]);
        expect(finished.cause).toContain(`a database or role "${into}" exists`);
      }
      const reserved = await on.restore({ into: 'lifeboat_scratch_0', choose: second });
      expect(reserved).toMatchObject({ error: 'RestoreRefused' });
      expect(await on.databasesAndRoles()).toEqual(before);
      await stack.onScratchServer((client) => client.query('SELECT FROM precious'), 'production_itself');
    });

    test('of an invalid name touches nothing', async () => {
      for (const into of ['a b', 'x"; DROP DATABASE postgres; --', 'x'.repeat(64)])
        expect([into, await on.restore({ into, choose: second })]).toMatchObject([
          into,
          { error: 'RestoreRefused' },
        ]);
    });
  });
}
