import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { listTables, readTraits } from '../../shared/database/postgres/catalog.ts';
import { connect } from '../../shared/database/postgres/connect.ts';
import { scratchName } from '../../shared/restore/scratch.ts';
import { aws, run, scratch, scratchServer, unique } from './support/servers.ts';

describe('a scratch database', () => {
  const like = {
    serverVersion: 180004,
    serverVersionText: '18.4',
    encoding: 'UTF8',
    localeProvider: 'libc',
    collate: 'C',
    ctype: 'C',
    locale: null,
    extensions: [],
  } as const;
  const now = new Date('2026-10-05T04:00:00.000Z');
  const later = new Date('2026-10-05T10:00:00.000Z');
  const make = (runId: string, expiresAt = later, workload = 'mailblast') =>
    scratch.claim({ runId, workload, expiresAt }, like);
  const admin = (...statements: string[]) => run(aws.scratch.superuser(), ...statements);
  const exists = async (name: string) =>
    (await admin(`SELECT FROM pg_database WHERE datname = '${name}'`)).length === 1;

  test('is made again empty by every attempt of its run, and dropped once', async () => {
    const runId = unique();
    const { dbname } = await make(runId);
    expect(dbname).toBe(scratchName(runId));
    const first = await connect({ ...scratchServer, dbname }, 'test');
    await first.query('CREATE TABLE public.leftover ()');
    // Its session is thrown out: an earlier attempt may still be at work.
    await make(runId);
    const second = await connect({ ...scratchServer, dbname }, 'test');
    expect(await listTables(second)).toEqual([]);
    expect(await scratch.drop(runId)).toEqual({ dropped: true });
    expect(await exists(dbname)).toBe(false);
    expect(await scratch.drop(runId)).toEqual({ dropped: false });
    await Promise.allSettled([first.end(), second.end()]);
  });

  test.each([
    ['libc', { localeProvider: 'libc', collate: 'C', ctype: 'C.UTF-8', locale: null }],
    ['builtin', { localeProvider: 'builtin', collate: 'C', ctype: 'C', locale: 'C.UTF-8' }],
    ['ICU', { localeProvider: 'icu', collate: 'C', ctype: 'C', locale: 'de-DE' }],
  ] as const)('has encoding and locale of a source with the provider %s', async (_, locale) => {
    const runId = unique();
    const access = await scratch.claim(
      { runId, workload: 'mailblast', expiresAt: later },
      { ...like, ...locale },
    );
    const client = await connect(access, 'test');
    const traits = await readTraits(client);
    await client.end();
    await scratch.drop(runId);
    expect(traits).toMatchObject({ encoding: 'UTF8', ...locale });
  });

  test.each([
    ['encoding', { encoding: 'EUC_MOON' }],
    ['locale', { collate: 'tlh_QO.utf8', ctype: 'tlh_QO.utf8' }],
  ])('cannot be made with an %s that the server does not know', async (_, unknown) => {
    const made = scratch.claim(
      { runId: unique(), workload: 'mailblast', expiresAt: later },
      { ...like, ...unknown },
    );
    await expect(made).rejects.toMatchObject({ name: 'ScratchUnsuitable' });
  });

  test.each([
    ['has no comment', () => null],
    ['has a comment of people', () => 'do not drop'],
    ['carries half a mark', (runId: string) => JSON.stringify({ lifeboat: 'scratch', runId })],
    [
      'carries the mark of another run',
      () => JSON.stringify({ lifeboat: 'scratch', runId: 'other', workload: 'mailblast', expiresAt: now }),
    ],
  ])('is neither dropped nor made again where it %s', async (_, comment) => {
    const runId = unique();
    const name = scratchName(runId);
    const text = comment(runId);
    await admin(
      `CREATE DATABASE ${name} OWNER "${scratchServer.username}"`,
      `COMMENT ON DATABASE ${name} IS ${text === null ? 'NULL' : pg.escapeLiteral(text)}`,
    );
    await expect(scratch.drop(runId)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
    await expect(make(runId)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
    expect(await exists(name)).toBe(true);
    await admin(`DROP DATABASE ${name}`);
  });

  test('is swept once it is past its time; others are kept and what is not marked is reported', async () => {
    const expired = (await make(unique(), now)).dbname;
    const inUse = (await make(unique(), new Date(now.getTime() + 1))).dbname;
    const foreign = (await make(unique(), new Date('2020-01-01T00:00:00Z'), 'marimo-erp')).dbname;
    const unmarked = 'lifeboat_scratch_unmarked';
    const similar = 'lifeboat1scratch_x';
    await admin(
      `CREATE DATABASE ${unmarked} OWNER "${scratchServer.username}"`,
      `CREATE DATABASE ${similar}`,
    );
    const sweep = await scratch.sweep('mailblast', now);
    expect(sweep).toEqual({
      dropped: [expired],
      kept: [inUse, foreign].sort(),
      unmarked: [unmarked],
    });
    const left = await Promise.all([expired, inUse, foreign, unmarked, similar].map(exists));
    expect(left).toEqual([false, true, true, true, true]);
    for (const name of [inUse, foreign, unmarked, similar]) await admin(`DROP DATABASE ${name}`);
  });
});
