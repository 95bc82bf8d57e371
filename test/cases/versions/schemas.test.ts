import { describe, expect, test } from 'vitest';
import { reportedSchemas } from '../databases/schemas-from-issues.ts';
import { runEach, useServers } from '../databases/servers.ts';

describe.each([14, 15, 16, 17] as const)('on PostgreSQL %i', (major) => {
  const servers = useServers({ source: major, scratch: major });

  test('all schemas of issues together come back', async () => {
    const source = await servers.newDatabase();
    const superuser = servers.source.superuser(source.database);
    for (const { statements, needsSuperuser, since = 14 } of reportedSchemas)
      if (since <= major) await runEach(needsSuperuser ? superuser : source, statements);
    await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests SUPERUSER']);
    const { verdict, failed, error, leftOut } = await servers.backUpAndRestore({ source: superuser });
    expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
    expect(leftOut).toEqual([
      'grants on 2 objects', // on the heartbeat, for users in rotation
      `owners (${[source.user, 'local_admin'].sort().join(', ')})`,
      'rows of foreign tables, which live elsewhere (public.distant)',
      'contents of materialized views, computed again on the copy (public.a_second, public.b_third, public.grouped_m, public.y_first)',
    ]);
  });

  test('schema public is not compared, with any owner and any comment', async () => {
    for (const sql of [
      ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public'],
      ["COMMENT ON SCHEMA public IS 'of the application'"],
      ['ALTER SCHEMA public OWNER TO local_admin'],
    ]) {
      const source = await servers.newDatabase();
      await runEach(servers.source.superuser(source.database), [
        ...sql,
        'GRANT ALL ON SCHEMA public TO PUBLIC',
      ]);
      const { verdict, failed, error } = await servers.backUpAndRestore({
        source,
        statements: ['CREATE TABLE t (a int)'],
      });
      expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
    }
  });
});
