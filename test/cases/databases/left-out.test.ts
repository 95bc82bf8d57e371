import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { fieldCase } from '../field-case.ts';
import { type Outcome, runEach, useServers } from './servers.ts';

const servers = useServers();

function expectVerified({ verdict, failed, error }: Outcome): void {
  expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
}

describe('what a restore test says nothing of', () => {
  fieldCase('A30', async (now) => {
    const source = await servers.newDatabase();
    const owner = pg.escapeIdentifier(source.user);
    await runEach(servers.source.superuser(), ['CREATE ROLE reporting NOLOGIN']);
    await runEach(source, [
      'CREATE TABLE t (a int PRIMARY KEY)',
      'CREATE TABLE theirs (a int)',
      'GRANT SELECT ON t TO reporting',
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reporting',
      'CREATE PUBLICATION changes FOR TABLE t',
      `CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
    ]);
    await runEach(servers.source.superuser(source.database), [
      'ALTER TABLE theirs OWNER TO reporting',
      `GRANT reporting TO ${owner}`,
      'CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION note()',
      `COMMENT ON EVENT TRIGGER audit IS 'kept with it'`,
      // No provider is loaded here, and pg_dump asks the catalogue alone.
      `INSERT INTO pg_seclabel VALUES ('t'::regclass, 'pg_class'::regclass, 0, 'selinux', 'secret'),
         ('t'::regclass, 'pg_class'::regclass, 1, 'selinux', 'top secret')`,
      'CREATE PUBLICATION everything FOR ALL TABLES',
      `CREATE SUBSCRIPTION feed CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false)`,
      `ALTER DATABASE ${pg.escapeIdentifier(source.database)} SET work_mem = '8MB'`,
      `COMMENT ON DATABASE ${pg.escapeIdentifier(source.database)} IS 'of the source'`,
    ]);
    const outcome = await servers.backUpAndRestore({ source });
    now(`${outcome.verdict}; named as left out: ${outcome.leftOut.length}`);
    expectVerified(outcome);
    expect(outcome.leftOut.toSorted()).toEqual(
      [
        'COMMENT EVENT TRIGGER audit',
        'EVENT TRIGGER audit',
        'PUBLICATION everything',
        'SECURITY LABEL public.TABLE t',
        'grants on 3 objects', // one on the heartbeat, for users in rotation
        'one set of default privileges',
        `owners (${[source.user, 'reporting', 'local_admin'].sort().join(', ')})`,
        'settings of the database',
        'subscription feed',
      ].toSorted(),
    );
    expect(outcome.reason).toMatch(/^\d+ checks passed; not proven: .*, 6 more$/);
  });

  test('is loaded and compared where the scratch login may', async () => {
    const source = await servers.newDatabase();
    await runEach(source, [
      'CREATE TABLE t (a int PRIMARY KEY)',
      `CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
    ]);
    await runEach(servers.source.superuser(source.database), [
      'CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION note()',
      `COMMENT ON EVENT TRIGGER audit IS 'kept with it'`,
      'ALTER EVENT TRIGGER audit ENABLE ALWAYS',
      'CREATE PUBLICATION everything FOR ALL TABLES',
    ]);
    await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests SUPERUSER']);
    const loaded = await servers.backUpAndRestore({ source });
    const changed = await servers.backUpAndRestore({
      source,
      look: async (copy) => {
        await runEach(copy, ['ALTER EVENT TRIGGER audit DISABLE']);
      },
    });
    await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests NOSUPERUSER']);
    expectVerified(loaded);
    expect(loaded.leftOut).toEqual([`owners (${[source.user, 'local_admin'].sort().join(', ')})`]);
    expect(changed.verdict).toBe('rejected');
    expect(changed.failed.map(({ found }) => found)).toEqual([
      expect.stringMatching(/differing in EVENT TRIGGER audit$/),
    ]);
  });

  test('is nothing for an ordinary database', async () => {
    const outcome = await servers.backUpAndRestore({ statements: ['CREATE TABLE t (a int PRIMARY KEY)'] });
    expectVerified(outcome);
    expect(outcome.leftOut).toEqual([]);
    expect(outcome.reason).toMatch(/^\d+ checks passed$/);
  });
});
