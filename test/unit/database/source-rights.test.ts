import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../shared/database/postgres/archive/entry.ts';
import { sourceRights } from '../../../shared/database/postgres/schema/source-rights.ts';

const entry = (desc: string, definition: string, more: Partial<Entry> = {}): Entry => ({
  ...{ id: 1, tag: 't', namespace: 'public', owner: 'app', section: 'pre-data', tablespace: null },
  ...{ tableAccessMethod: null, relkind: null, dependencies: [] },
  ...{ desc, definition },
  ...more,
});
const rights = (...entries: Entry[]) => sourceRights(entries, '"copy"');

describe('the rights of a source, as its archive has them', () => {
  test.each([
    ['GRANT SELECT ON TABLE public.t TO reporting;', 'reporting', false],
    ['GRANT SELECT ON TABLE public.t TO "a ""b"";" WITH GRANT OPTION;', 'a "b";', false],
    ['REVOKE ALL ON TABLE public.t FROM PUBLIC;', null, true],
    ['GRANT SELECT ON TABLE public." TO x" TO reporting;', 'reporting', false],
  ])('%s is about %j', (sql, role, revokes) => {
    expect(rights(entry('ACL', sql)).grants).toEqual([
      { sql: sql.replace(/;$/, ''), role, revokes, makers: null },
    ]);
  });

  test('of the database are about the copy, whatever its name was', () => {
    const sql = 'GRANT CONNECT,TEMPORARY ON DATABASE "old; name" TO reporting;';
    expect(rights(entry('ACL', sql)).grants[0]?.sql).toBe(
      'GRANT CONNECT,TEMPORARY ON DATABASE "copy" TO reporting',
    );
  });

  test('hold nothing but grants: what an archive has besides is not run', () => {
    const sql = 'SET SESSION AUTHORIZATION boss; DROP TABLE t; GRANT a TO b; RESET SESSION AUTHORIZATION;';
    expect(rights(entry('ACL', sql)).grants.map((grant) => grant.sql)).toEqual([]);
    const properties =
      'ALTER DATABASE x OWNER TO boss; ALTER ROLE boss SUPERUSER; ALTER DATABASE x SET a TO b;';
    expect(rights(entry('DATABASE PROPERTIES', properties)).settings.map(({ name }) => name)).toEqual(['a']);
  });

  test('of future objects name who makes them', () => {
    const sql =
      'ALTER DEFAULT PRIVILEGES FOR ROLE "App" IN SCHEMA "a b" GRANT SELECT ON TABLES TO reporting;';
    expect(rights(entry('DEFAULT ACL', sql)).grants).toEqual([
      {
        sql: 'IN SCHEMA "a b" GRANT SELECT ON TABLES TO reporting',
        role: 'reporting',
        revokes: false,
        makers: 'App',
      },
    ]);
  });

  test('have settings of the database and of roles in it, and its limit', () => {
    const definition = [
      'ALTER DATABASE old CONNECTION LIMIT = 5;',
      `ALTER DATABASE old SET "app.key" TO 'a;b';`,
      `ALTER ROLE "R" IN DATABASE old SET work_mem TO '5MB';`,
    ].join('\n');
    expect(rights(entry('DATABASE PROPERTIES', definition))).toMatchObject({
      connectionLimit: 5,
      settings: [
        { name: 'app.key', sql: `ALTER DATABASE "copy" SET "app.key" TO 'a;b'`, role: null },
        { name: 'work_mem', sql: `ALTER ROLE "R" IN DATABASE "copy" SET work_mem TO '5MB'`, role: 'R' },
      ],
    });
  });

  test('give all to who owned most tables, and name the others; the database counts where there are none', () => {
    const table = (owner: string, namespace = 'public') => entry('TABLE', '', { owner, namespace });
    const database = entry('DATABASE', '', { owner: 'boss' });
    expect(
      rights(database, table('app'), table('app'), table('jobs'), table('beat', 'lifeboat')),
    ).toMatchObject({ owner: 'app', otherOwners: ['jobs'] });
    expect(rights(database)).toMatchObject({ owner: 'boss', otherOwners: [] });
  });

  test.each([
    ['REVOKE CONNECT,TEMPORARY ON DATABASE x FROM PUBLIC;', false],
    ['REVOKE ALL ON DATABASE x FROM PUBLIC;', false],
    ['REVOKE TEMPORARY ON DATABASE x FROM PUBLIC;', true],
    ['REVOKE ALL ON TABLE public.t FROM PUBLIC;', true],
  ])('%s: anyone may connect: %s', (sql, anyone) => {
    expect(rights(entry('ACL', sql)).anyoneConnects).toBe(anyone);
  });
});
