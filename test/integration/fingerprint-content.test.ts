import { inspect } from 'node:util';
import type { Connection } from 'local-postgres/start-postgres';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { addFingerprints, type TableFingerprint } from '../../shared/database/fingerprint.ts';
import { connect } from '../../shared/database/postgres/connect.ts';
import { whereInRange } from '../../shared/database/postgres/divide-into-ranges.ts';
import { fingerprintTable } from '../../shared/database/postgres/fingerprint.ts';
import { accessOf, newDatabase, run } from './support/servers.ts';

describe('a fingerprint', () => {
  let database: Connection;
  let client: pg.Client;

  beforeAll(async () => {
    database = await newDatabase();
    client = await connect(accessOf(database), 'test');
  });
  afterAll(() => client?.end());

  const of = (name: string) => fingerprintTable(client, { schema: 'public', name });

  test('is the same whatever the order, the updates and the columns that rows went through', async () => {
    const columns = 'id int, name text, at timestamptz, score numeric, extra jsonb';
    const rows = `SELECT i, md5(i::text), '2026-10-05'::timestamptz + i * '1 s'::interval, i / 7.0, '{"n":1}'::jsonb FROM generate_series(1, 500) i`;
    await run(
      database,
      `CREATE TABLE one (${columns}); INSERT INTO one ${rows};`,
      `CREATE TABLE two (dropped text, ${columns}); INSERT INTO two SELECT 'x', r.* FROM (${rows} ORDER BY i DESC) r;`,
      'ALTER TABLE two DROP COLUMN dropped',
      "UPDATE two SET name = name || 'x' WHERE id % 3 = 0",
      "UPDATE two SET name = rtrim(name, 'x') WHERE id % 3 = 0",
      `DELETE FROM two WHERE id > 490; INSERT INTO two SELECT * FROM one WHERE id > 490`,
      'VACUUM FULL two',
    );
    expect(await of('two')).toEqual(await of('one'));
    expect(await of('one')).toMatchObject({ rows: '500', content: expect.stringMatching(/^-?\d{15,}$/) });
  });

  test('of an empty table is zero, and of a table without columns its count', async () => {
    await run(
      database,
      'CREATE TABLE nobody (); CREATE TABLE somebody (); INSERT INTO somebody DEFAULT VALUES',
    );
    expect(await of('nobody')).toEqual({ rows: '0', content: '0' });
    expect((await of('somebody')).rows).toBe('1');
  });

  test('of ranges of a table adds up to its own, wherever they are cut', async () => {
    await run(
      database,
      "CREATE TABLE ranged AS SELECT i AS id, repeat('x', i % 900) AS filling FROM generate_series(1, 2000) i",
      'DELETE FROM ranged WHERE id % 7 = 0',
      "UPDATE ranged SET filling = 'moved to the end' WHERE id % 5 = 0",
    );
    const [{ pages } = { pages: 0 }] = await run<{ pages: number }>(
      database,
      "SELECT (pg_relation_size('ranged') / 8192)::int AS pages",
    );
    expect(pages).toBeGreaterThan(100);
    const whole = await of('ranged');
    for (const step of [1, 7, 50, pages]) {
      const parts: TableFingerprint[] = [];
      for (let fromPage = 0; fromPage < pages; fromPage += step) {
        const toPage = fromPage + step < pages ? fromPage + step : null;
        parts.push(
          await fingerprintTable(
            client,
            { schema: 'public', name: 'ranged' },
            whereInRange({ fromPage, toPage }),
          ),
        );
      }
      expect(addFingerprints(parts), `ranges of ${step} pages`).toEqual(whole);
    }
  });

  test('takes the rows of the table alone, not of its children', async () => {
    await run(
      database,
      'CREATE TABLE parent (n int); CREATE TABLE child () INHERITS (parent)',
      'INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)',
    );
    expect((await of('parent')).rows).toBe('1');
  });

  test('is the same for every server that has other defaults', async () => {
    await run(
      database,
      `CREATE TABLE shown (at timestamptz, d date, iv interval, f float8, b bytea, m money, x xml, n float4);
       INSERT INTO shown VALUES ('2026-10-05 02:00:00.123456+00', '2026-02-03', '-1 mon 2 days 03:04:05.6', 0.1::float8 + 0.2, '\\xdeadbeef', '-1234.5', '<a/>', 1.1)`,
    );
    const before = await of('shown');
    const settings = [
      "timezone = 'Australia/Eucla'",
      "datestyle = 'German, DMY'",
      "intervalstyle = 'sql_standard'",
      'extra_float_digits = -15',
      "bytea_output = 'escape'",
      "xmlbinary = 'hex'",
      "client_encoding = 'LATIN1'",
      "search_path = 'public'",
      'quote_all_identifiers = on',
    ];
    for (const setting of settings) {
      await run(database, `ALTER DATABASE "${database.database}" SET ${setting}`);
      await run(database, `ALTER ROLE "${database.user}" SET ${setting}`);
    }
    const other = await connect(accessOf(database), 'test');
    try {
      expect(await fingerprintTable(other, { schema: 'public', name: 'shown' })).toEqual(before);
    } finally {
      await other.end();
      await run(
        database,
        `ALTER DATABASE "${database.database}" RESET ALL; ALTER ROLE "${database.user}" RESET ALL`,
      );
    }
  });

  describe('shows', () => {
    beforeAll(() =>
      run(
        database,
        `CREATE TABLE rows (id int, a text, b text, f float8, n numeric, j jsonb, jt json, y bytea, arr int[], tarr text[],
           at timestamptz, iv interval, d date, ok boolean, c char(5), bits varbit);
         INSERT INTO rows SELECT i, 'a' || i, 'b' || i, 0, 1.0, '{"k":[1,2]}', '{"k":1}', '\\x0001', '{1,2,3}', '{a,NULL}',
           '2026-10-05 02:00:00+00', '1 day', '2026-10-05', true, 'x', B'01' FROM generate_series(1, 20) i;
         INSERT INTO rows (id, a) VALUES (21, ''), (21, '');`,
      ),
    );

    test.each([
      ['a changed value', "UPDATE rows SET a = 'a7x' WHERE id = 7"],
      ['another case', "UPDATE rows SET a = 'A7' WHERE id = 7"],
      ['a trailing space', "UPDATE rows SET a = 'a7 ' WHERE id = 7"],
      [
        'another form of the same letter',
        "UPDATE rows SET a = U&'e\\0301' WHERE id = 7",
        "UPDATE rows SET a = U&'\\00e9' WHERE id = 7",
      ],
      ['values swapped between two columns', 'UPDATE rows SET a = b, b = a WHERE id = 7'],
      ['values swapped between two columns of all rows', 'UPDATE rows SET a = b, b = a'],
      [
        'values swapped between two rows',
        "UPDATE rows SET a = CASE id WHEN 7 THEN 'a8' ELSE 'a7' END WHERE id IN (7, 8)",
      ],
      [
        'a border that moved between two columns',
        "UPDATE rows SET a = 'a,7b', b = '7' WHERE id = 7",
        "UPDATE rows SET a = 'a', b = '7b,7' WHERE id = 7",
      ],
      [
        'a quote that moved',
        `UPDATE rows SET a = 'x","y' WHERE id = 7`,
        `UPDATE rows SET a = 'x', b = 'y' WHERE id = 7`,
      ],
      [
        'one row twice instead of another',
        'DELETE FROM rows WHERE id = 7; INSERT INTO rows SELECT * FROM rows WHERE id = 8',
      ],
      ['two equal rows that went', 'DELETE FROM rows WHERE id = 21'],
      ['a row that went', 'DELETE FROM rows WHERE id = 7'],
      ['a row that came', 'INSERT INTO rows SELECT * FROM rows WHERE id = 7'],
      ['an empty text instead of none', "UPDATE rows SET b = '' WHERE id = 21"],
      ['none instead of an empty text', 'UPDATE rows SET a = NULL WHERE id = 21'],
      ['the word NULL instead of none', "UPDATE rows SET b = 'NULL' WHERE id = 21"],
      ['a negative zero', "UPDATE rows SET f = '-0' WHERE id = 7"],
      ['no number', "UPDATE rows SET f = 'NaN' WHERE id = 7"],
      [
        'the last bit of a float',
        'UPDATE rows SET f = 0.1::float8 + 0.2 WHERE id = 7',
        'UPDATE rows SET f = 0.3 WHERE id = 7',
      ],
      ['a zero behind the point', 'UPDATE rows SET n = 1.00 WHERE id = 7'],
      ['a value inside of jsonb', `UPDATE rows SET j = '{"k":[2,1]}' WHERE id = 7`],
      ['a number of jsonb as text', `UPDATE rows SET j = '{"k":[1,"2"]}' WHERE id = 7`],
      ['a space inside of json', `UPDATE rows SET jt = '{"k": 1}' WHERE id = 7`],
      ['a bit of bytea', "UPDATE rows SET y = '\\x0003' WHERE id = 7"],
      ['a zero byte more', "UPDATE rows SET y = '\\x000100' WHERE id = 7"],
      ['the order in an array', "UPDATE rows SET arr = '{1,3,2}' WHERE id = 7"],
      ['the lower bound of an array', "UPDATE rows SET arr = '[0:2]={1,2,3}' WHERE id = 7"],
      ['the word NULL in an array', `UPDATE rows SET tarr = '{a,"NULL"}' WHERE id = 7`],
      ['a microsecond', "UPDATE rows SET at = at + '1 us'::interval WHERE id = 7"],
      ['24 hours instead of a day', "UPDATE rows SET iv = '24:00' WHERE id = 7"],
      ['a day', 'UPDATE rows SET d = d + 1 WHERE id = 7'],
      ['false', 'UPDATE rows SET ok = false WHERE id = 7'],
      ['a bit of a bit string', "UPDATE rows SET bits = B'00' WHERE id = 7"],
    ])('%s', async (_, mutation, instead = '') => {
      // Some differences lie between two changes, not between a change and the table as it was.
      const fingerprintAfter = async (sql: string) => {
        await client.query(`SET search_path = public; BEGIN; ${sql}`);
        try {
          return await of('rows');
        } finally {
          await client.query("ROLLBACK; SET search_path = ''");
        }
      };
      expect(await fingerprintAfter(mutation)).not.toEqual(await fingerprintAfter(instead));
    });
  });
});

describe('a session', () => {
  test('outlives every timeout that its role was given', async () => {
    const database = await newDatabase();
    const timeouts = [
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
      'idle_session_timeout',
      'transaction_timeout',
    ];
    for (const timeout of timeouts)
      await run(database, `ALTER ROLE "${database.user}" SET ${timeout} = '900s'`);
    const client = await connect(accessOf(database), 'test');
    const { rows } = await client.query('SELECT name, setting FROM pg_settings WHERE name = ANY ($1)', [
      timeouts,
    ]);
    await client.end();
    expect(rows).toHaveLength(5);
    for (const { name, setting } of rows) expect(setting, name).toBe('0');
  });

  test.each<[string, (access: DatabaseAccess) => DatabaseAccess, RegExp]>([
    [
      'a wrong password',
      (access) => ({ ...access, password: 'no-such-word' }),
      /password authentication failed/,
    ],
    [
      'a database that is not there',
      (access) => ({ ...access, dbname: 'nowhere' }),
      /database "nowhere" at .* does not exist/,
    ],
    ['a closed port', (access) => ({ ...access, port: 1 }), /ECONNREFUSED/],
  ])('with %s is refused as DatabaseUnreachable, without the password', async (_, wrong, words) => {
    const access = wrong(accessOf(await newDatabase()));
    const error = await connect(access, 'test').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringMatching(words) });
    expect(inspect(error, { depth: 5 })).not.toContain(access.password);
  });
});
