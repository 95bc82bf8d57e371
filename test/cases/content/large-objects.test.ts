import { describe, expect, test } from 'vitest';
import { connect } from '../../../shared/database/postgres/connect.ts';
import { fingerprintTable } from '../../../shared/database/postgres/fingerprint.ts';
import { LARGE_OBJECTS } from '../../../shared/database/table.ts';
import { accessOf, runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

/** Every large object with what it holds, read with nothing of the product. */
const ALL = `SELECT oid::int, md5(lo_get(oid)) AS holds, obj_description(oid, 'pg_largeobject') AS comment
  FROM pg_largeobject_metadata ORDER BY oid`;

const REMARK = "It''s;\n-- the \\\\first E''x''";

fieldCase('A19', async (now) => {
  const { verdict, failed, manifest } = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE documents (id int, body oid)',
      "INSERT INTO documents VALUES (1, lo_from_bytea(0, 'one')), (2, lo_from_bytea(4000000000, 'two')), (3, lo_create(0))",
      `DO $$ DECLARE first oid; BEGIN SELECT body INTO first FROM documents WHERE id = 1; EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', first, '${REMARK}'); END $$`,
    ],
    look: async (copy, source) => {
      const found = await runEach<{ comment: string | null }>(copy, [ALL.replace('::int', '::text')]);
      expect(found).toEqual(await runEach(source, [ALL.replace('::int', '::text')]));
      expect(found).toHaveLength(3);
      expect(found.filter(({ comment }) => comment !== null)).toHaveLength(1);
      const referred = "SELECT id, convert_from(lo_get(body), 'UTF8') AS body FROM documents ORDER BY id";
      expect(await runEach(copy, [referred])).toEqual([
        { id: 1, body: 'one' },
        { id: 2, body: 'two' },
        { id: 3, body: '' },
      ]);
    },
  });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
  expect(manifest.tables.map(({ name }) => name)).toContain('pg_largeobject');
  now('verified: carried with their numbers and comments');
});

describe('large objects', () => {
  test('of many megabytes, with holes, and many small ones come back in several parts', async () => {
    const { verdict, failed, manifest } = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE t ()',
        // Random bytes, because PostgreSQL compresses the pages of large objects.
        `DO $$ DECLARE piece bytea; BEGIN
           SELECT string_agg(sha256(n::text::bytea), '') INTO piece FROM generate_series(1, 32768) n;
           PERFORM lo_from_bytea(20000, piece);
           FOR n IN 1..70 LOOP PERFORM lo_put(20000, n::int8 * 1048576 + 5, piece); END LOOP;
           PERFORM lo_create(20001);
           PERFORM lo_put(20001, 5000000, 'behind a hole');
         END $$`,
        'SELECT lo_from_bytea(0, n::text::bytea) FROM generate_series(1, 3000) n',
      ],
      look: async (copy, source) => expect(await runEach(copy, [ALL])).toEqual(await runEach(source, [ALL])),
    });
    expect(failed).toEqual([]);
    expect(verdict).toBe('verified');
    expect(manifest.tables.find(({ name }) => name === 'pg_largeobject')?.parts.length).toBeGreaterThan(1);
  }, 90_000);

  test('show every change of their fingerprint', async () => {
    const source = await servers.newDatabase();
    await runEach(source, [
      "SELECT lo_from_bytea(20000, repeat('a', 2000000)::bytea)",
      'SELECT lo_create(20001)',
      "COMMENT ON LARGE OBJECT 20000 IS 'kept'",
    ]);
    const client = await connect(accessOf(source), 'test');
    const before = await fingerprintTable(client, LARGE_OBJECTS);
    const mutations = {
      'a changed byte': "SELECT lo_put(20000, 1048577, 'x')",
      'a byte more': "SELECT lo_put(20000, 2000000, 'x')",
      'a comment that is gone': 'COMMENT ON LARGE OBJECT 20000 IS NULL',
      'one that is gone': 'SELECT lo_unlink(20001)',
      'one that came': 'SELECT lo_create(20002)',
      'another number': 'SELECT lo_unlink(20001), lo_create(20003)',
    };
    for (const [name, mutation] of Object.entries(mutations)) {
      await client.query(`BEGIN; ${mutation}`);
      expect(await fingerprintTable(client, LARGE_OBJECTS), name).not.toEqual(before);
      await client.query('ROLLBACK');
    }
    expect(await fingerprintTable(client, LARGE_OBJECTS)).toEqual(before);
    await client.end();
  });

  test('that a copy lacks altogether reject the backup', async () => {
    const { verdict, reason } = await servers.backUpAndRestore({
      statements: ['CREATE TABLE t ()', 'SELECT lo_create(20001)'],
      look: async (copy) => {
        await runEach(copy, ['SELECT lo_unlink(20001)']);
      },
    });
    expect(verdict).toBe('rejected');
    expect(reason).toMatch(/missing: pg_catalog\.pg_largeobject/);
  });

  test('that the backup may not read are counted by owner, with a statement that lets it read them', async () => {
    const source = await servers.newDatabase();
    const superuser = servers.source.superuser(source.database);
    await runEach(superuser, [
      'CREATE ROLE "O\'Hara""s" NOLOGIN',
      "SELECT lo_from_bytea(20000, 'x'), lo_create(20001)",
      "SELECT lo_from_bytea(20002, 'y'), lo_create(20003), lo_create(20004), lo_create(20005)",
      ...[20002, 20003, 20004].map((oid) => `ALTER LARGE OBJECT ${oid} OWNER TO "O'Hara""s"`),
      'GRANT SELECT ON LARGE OBJECT 20004, 20005 TO PUBLIC',
      'GRANT UPDATE ON LARGE OBJECT 20003 TO PUBLIC',
    ]);
    await runEach(source, ['CREATE TABLE t ()']);
    const refused = await servers.takeBackup(source).catch((error) => error);
    expect(refused).toMatchObject({
      name: 'LargeObjectsHidden',
      message: `the role "${source.user}" may not read large objects (2 of "O'Hara"s", the first is 20002; 2 of "local_admin", the first is 20000): a backup would miss them`,
    });
    const [membership = '', grants = ''] = refused.hint.replace(/^.* run: /, '').split('; ');
    await runEach(superuser, [membership]);
    // psql's \gexec runs each row as a statement.
    const each = await runEach<{ format: string }>(superuser, [grants.replace(' \\gexec', '')]);
    await runEach(
      superuser,
      each.map(({ format }) => format),
    );
    const { verdict, failed, error } = await servers.backUpAndRestore({ source });
    expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
  });
});
