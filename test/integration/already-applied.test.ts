import type { Connection } from 'local-postgres/start-postgres';
import { describe, expect, test } from 'vitest';
import {
  AlreadyAppliedCheckInvalid,
  AlreadyAppliedCheckUnavailable,
  type AlreadyAppliedOptions,
  openAlreadyAppliedCheck,
} from '../../shared/replay/worker/already-applied.ts';
import { accessOf, never, newDatabase, run, untilNot } from './support/servers.ts';

const BY_EVENT = "SELECT 1 FROM email_events WHERE meta->>'sns_message_id' = $1";
const CHECKS = "application_name = 'lifeboat already-applied'";

/** An application that has recorded some events. */
async function application(...keys: string[]): Promise<Connection> {
  const database = await newDatabase();
  const rows = keys.map((key) => `(${literal(JSON.stringify({ sns_message_id: key }))})`);
  await run(
    database,
    'CREATE TABLE email_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, meta jsonb)',
    ...(rows.length > 0 ? [`INSERT INTO email_events (meta) VALUES ${rows.join(', ')}`] : []),
  );
  return database;
}

async function withCheck<T>(
  database: Connection,
  sql: string,
  use: (has: (key: string) => Promise<boolean>) => Promise<T>,
  options?: AlreadyAppliedOptions,
): Promise<T> {
  const check = await openAlreadyAppliedCheck(accessOf(database), sql, options);
  try {
    return await use((key) => check.has(key, never));
  } finally {
    await check.close();
  }
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

test('finds what the application has, whatever the key looks like', async () => {
  const keys = ["o'clock", 'two\nlines', '"quoted"', '😀 ñ', "'; DROP TABLE email_events --", '%', ''];
  const database = await application(...keys);
  await withCheck(database, BY_EVENT, async (has) => {
    for (const key of keys) expect([key, await has(key)]).toEqual([key, true]);
    expect(await has('another')).toBe(false);
  });
});

test('answers thousands of keys that are asked at the same time, each with its own answer', async () => {
  const database = await application();
  await run(
    database,
    `INSERT INTO email_events (meta) SELECT jsonb_build_object('sns_message_id', n) FROM generate_series(0, 4998, 2) n`,
    "CREATE INDEX ON email_events ((meta->>'sns_message_id'))",
  );
  const asked = Array.from({ length: 5_000 }, (_, n) => n);
  const answers = await withCheck(database, BY_EVENT, (has) => Promise.all(asked.map((n) => has(String(n)))));
  expect(answers).toEqual(asked.map((n) => n % 2 === 0));
});

test('finds a row by an index in a database without statistics, as a restored one is', async () => {
  const database = await application();
  await run(
    database,
    'ALTER TABLE email_events SET (autovacuum_enabled = off)',
    "INSERT INTO email_events (meta) SELECT jsonb_build_object('sns_message_id', n) FROM generate_series(1, 20000) n",
    "CREATE INDEX ON email_events ((meta->>'sns_message_id'))",
  );
  const scans = async () =>
    (
      await run(database, "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = 'email_events'")
    )[0];
  await untilNot(database, 'true');
  const before = await scans();
  await withCheck(database, BY_EVENT, async (has) => {
    for (let n = 0; n < 100; n++) await has(`none ${n}`);
  });
  await untilNot(database, CHECKS);
  const after = await scans();
  expect(Number(after?.seq_scan) - Number(before?.seq_scan)).toBe(0);
  expect(Number(after?.idx_scan)).toBeGreaterThanOrEqual(100);
});

describe('a key that is no value of the type of $1', () => {
  const UUID = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

  test.each([
    ['uuid', 'SELECT 1 FROM kept WHERE u = $1', UUID],
    ['bigint', 'SELECT 1 FROM kept WHERE n = $1', '9223372036854775807'],
    ['integer, by a cast', 'SELECT 1 FROM kept WHERE n = 9223372036854775807 AND 7 = $1::int', '7'],
    ['an enum', 'SELECT 1 FROM kept WHERE m = $1', 'ok'],
    ['a domain', 'SELECT 1 FROM kept WHERE d = $1::positive', '7'],
  ])('is not there: %s', async (_, sql, key) => {
    const database = await newDatabase();
    await run(
      database,
      "CREATE TYPE mood AS ENUM ('ok'); CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
      'CREATE TABLE kept (u uuid, n bigint, m mood, d positive)',
      `INSERT INTO kept VALUES ('${UUID}', 9223372036854775807, 'ok', 7)`,
    );
    await withCheck(database, sql, async (has) => {
      expect(await has(key)).toBe(true);
      for (const misfit of ['not one', '9223372036854775808', '-1', '', '\0'])
        expect([misfit, await has(misfit)]).toEqual([misfit, false]);
      expect(await has(key)).toBe(true);
    });
  });

  test('does not hide that the SQL itself cannot read a value', async () => {
    const database = await application('not a number');
    const sql = "SELECT 1 FROM email_events WHERE (meta->>'sns_message_id')::int = $1::int";
    await withCheck(database, sql, async (has) => {
      await expect(has('7')).rejects.toThrow(AlreadyAppliedCheckInvalid);
      await expect(has('7')).rejects.toThrow('invalid input syntax for type integer: "not a number"');
    });
  });
});

describe('a question that cannot be asked', () => {
  test.each([
    ['is no SQL', 'SELEC $1', /syntax error at or near "SELEC"/],
    ['names a missing table', 'SELECT 1 FROM lost WHERE id = $1', /relation "lost" does not exist/],
    ['takes two parameters', 'SELECT 1 WHERE $1 = $2', /requires 2/],
    ['takes none', "SELECT 1 WHERE '$1' = 'x'", /requires 0/],
    ['has a parameter of no type', 'SELECT 1 WHERE $1 IS NULL', /could not determine data type/],
    ['is two', 'SELECT 1 WHERE $1::int = 1; SELECT 2', /multiple commands/],
    ['writes', 'DELETE FROM email_events WHERE id = $1 RETURNING 1', /read-only transaction/],
    [
      'writes beside',
      'WITH gone AS (DELETE FROM email_events RETURNING 1) SELECT 1 FROM gone WHERE $1::int = 1',
      /read-only transaction/,
    ],
    ['may not be asked', 'SELECT 1 FROM secrets WHERE id = $1', /permission denied for table secrets/],
  ])('because it %s, is found when the check is opened, and leaves no connection', async (_, sql, words) => {
    const database = await application('kept');
    await run(database, 'CREATE TABLE secrets (id int)', 'REVOKE ALL ON secrets FROM CURRENT_USER');
    const opening = openAlreadyAppliedCheck(accessOf(database), sql);
    await expect(opening).rejects.toThrow(AlreadyAppliedCheckInvalid);
    await expect(opening).rejects.toThrow(words);
    await untilNot(database, CHECKS);
    expect(await run(database, 'SELECT FROM email_events')).toHaveLength(1);
  });
});

describe('a database that is away', () => {
  test('cannot be asked: nobody listens, or the login is refused', async () => {
    const access = accessOf(await application());
    await expect(openAlreadyAppliedCheck({ ...access, port: 1 }, BY_EVENT)).rejects.toThrow(
      AlreadyAppliedCheckUnavailable,
    );
    const refused = openAlreadyAppliedCheck({ ...access, password: 'of another' }, BY_EVENT);
    await expect(refused).rejects.toThrow(AlreadyAppliedCheckUnavailable);
    await expect(refused).rejects.not.toThrow('of another');
  });

  test('does not answer any more: it threw its clients out', async () => {
    const database = await application('kept');
    await withCheck(database, BY_EVENT, async (has) => {
      expect(await has('kept')).toBe(true);
      await run(
        database,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${CHECKS} AND datname = current_database()`,
      );
      await expect(has('kept')).rejects.toThrow(AlreadyAppliedCheckUnavailable);
    });
  });

  test('does not answer in time', async () => {
    const database = await application('kept');
    const slow = `SELECT pg_sleep(60) FROM email_events WHERE $1 = 'slow'`;
    await withCheck(
      database,
      slow,
      async (has) => {
        await expect(has('slow')).rejects.toThrow(AlreadyAppliedCheckUnavailable);
        await expect(has('slow')).rejects.toThrow(/statement timeout/);
        expect(await has('fast')).toBe(false);
      },
      { timeout: 50 },
    );
  });

  test('is not waited for once the signal fires', async () => {
    const database = await application('kept');
    const check = await openAlreadyAppliedCheck(
      accessOf(database),
      "SELECT pg_sleep(60) FROM email_events WHERE $1 = 'slow'",
      { connections: 1 },
    );
    const over = new AbortController();
    const waiting = [check.has('slow', over.signal), check.has('queued', over.signal)];
    over.abort(new Error('the time is over'));
    for (const answer of await Promise.allSettled(waiting))
      expect(answer).toMatchObject({ status: 'rejected', reason: new Error('the time is over') });
    await expect(check.has('late', over.signal)).rejects.toThrow('the time is over');
    await check.close();
    await untilNot(database, `${CHECKS} AND state <> 'active'`);
  });
});
