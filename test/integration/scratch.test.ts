import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { listTables, readTraits } from '../../shared/database/postgres/catalog.ts';
import { connect, withConnection } from '../../shared/database/postgres/connect.ts';
import { describeScratch } from '../contract/scratch.ts';
import { aws, run, scratch, scratchRun, scratchServer } from './support/servers.ts';

const like = {
  serverVersion: 180004,
  serverVersionText: '18.4',
  encoding: 'UTF8',
  localeProvider: 'libc',
  collate: 'C',
  ctype: 'C',
  locale: null,
  icuRules: null,
  extensions: [],
  settings: {},
} as const;
const admin = <Row extends pg.QueryResultRow>(...statements: string[]) =>
  run<Row>(aws.scratch.superuser(), ...statements);
const inDatabase = <T>(dbname: string, work: (client: pg.Client) => Promise<T>) =>
  withConnection({ ...scratchServer, dbname }, 'test', work);

describeScratch('a database of PostgreSQL', () => ({
  scratch,
  like,
  otherLike: { ...like, ctype: 'C.UTF-8' },
  exists: async (name) => (await admin(`SELECT FROM pg_database WHERE datname = '${name}'`)).length === 1,
  async identity(name) {
    const [row] = await admin<{ oid: string }>(`SELECT oid::text FROM pg_database WHERE datname = '${name}'`);
    return row?.oid ?? 'missing';
  },
  async fill(name) {
    await inDatabase(name, (client) => client.query('CREATE TABLE public.leftover ()'));
  },
  isEmpty: (name) => inDatabase(name, async (client) => (await listTables(client)).length === 0),
  async forge(name, mark) {
    await admin(
      `CREATE DATABASE ${name} OWNER "${scratchServer.username}"`,
      `COMMENT ON DATABASE ${name} IS ${mark === null ? 'NULL' : pg.escapeLiteral(mark)}`,
    );
  },
  async remove(name) {
    await admin(`DROP DATABASE ${name}`);
  },
}));

describe('a scratch database', () => {
  test('throws the sessions of an earlier load out', async () => {
    const owner = scratchRun();
    const first = await connect(await scratch.claim(owner, like), 'test');
    await first.query('CREATE TABLE public.leftover ()');
    const second = await connect(await scratch.claim(owner, like), 'test');
    expect(await listTables(second)).toEqual([]);
    await expect(first.query('SELECT 1')).rejects.toThrow();
    expect(await scratch.drop(owner.runId)).toEqual({ dropped: true });
    await Promise.allSettled([first.end(), second.end()]);
  });

  test.each([
    ['libc', { localeProvider: 'libc', collate: 'C', ctype: 'C.UTF-8', locale: null }],
    ['builtin', { localeProvider: 'builtin', collate: 'C', ctype: 'C', locale: 'C.UTF-8' }],
    ['ICU', { localeProvider: 'icu', collate: 'C', ctype: 'C', locale: 'de-DE' }],
    [
      'ICU with rules',
      { localeProvider: 'icu', collate: 'C', ctype: 'C', locale: 'de-DE', icuRules: '&b < a' },
    ],
  ] as const)('has encoding and locale of a source with the provider %s', async (_, locale) => {
    const owner = scratchRun();
    const client = await connect(await scratch.create(owner, { ...like, ...locale }), 'test');
    const traits = await readTraits(client);
    await client.end();
    await scratch.drop(owner.runId);
    expect(traits).toMatchObject({ encoding: 'UTF8', ...locale });
  });

  test('cannot be created with a locale that the server does not have', async () => {
    const created = scratch.create(scratchRun(), { ...like, collate: 'tlh_QO.utf8', ctype: 'tlh_QO.utf8' });
    await expect(created).rejects.toMatchObject({ name: 'ScratchUnsuitable' });
  });
});
