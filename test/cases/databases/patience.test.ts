import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { readTraits } from '../../../shared/database/postgres/catalog.ts';
import { withConnection } from '../../../shared/database/postgres/connect.ts';
import { DROP_LIMITS, scratchServers } from '../../../shared/database/postgres/scratch-server.ts';
import { scratchName } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { accessOf, runEach, useServers } from './servers.ts';

const servers = useServers();

afterEach(() => vi.useRealTimers());

test('a database in use is tried again for a minute, and one DROP DATABASE may take five', async () => {
  const server = accessOf(servers.scratchLogin);
  const scratch = scratchDatabases(scratchServers, server);
  const runId = randomUUID();
  const traits = await withConnection(server, 'test', readTraits);
  const owner = { runId, workload: 'field', expiresAt: new Date(Date.now() + 3_600_000) };
  await scratch.claim(owner, { ...traits, settings: {} });
  const superuser = servers.scratch.superuser(scratchName(runId));
  await runEach(superuser, ["ALTER SYSTEM SET log_statement = 'all'", 'SELECT pg_reload_conf()']);
  const triesUntil = async (count: number) => {
    const tries = async () =>
      (await readFile(servers.scratch.logFile, 'utf8')).split('DROP DATABASE IF EXISTS').length - 1;
    await vi.waitFor(async () => expect(await tries()).toBeGreaterThanOrEqual(count), { timeout: 15_000 });
  };

  // Only the time of day is moved. The server, its sessions and the pauses are real.
  vi.useFakeTimers({ toFake: ['Date'] });
  const from = Date.now();
  const holder = new pg.Client(superuser);
  holder.on('error', () => {});
  await holder.connect();
  try {
    const drop = scratch.drop(runId);
    const refused = expect(drop).rejects.toMatchObject({ name: 'ScratchNotDropped' });
    await triesUntil(1);
    vi.setSystemTime(from + 50_000);
    await triesUntil(3);
    vi.setSystemTime(from + 60_000);
    await refused;
  } finally {
    await holder.end();
  }
  expect(await scratch.drop(runId)).toEqual({ dropped: true });
  expect(await readFile(servers.scratch.logFile, 'utf8')).toContain('SET statement_timeout = 300000');
});

test('the functions that drop have time for both', async () => {
  const text = await readFile('functions/restore/functions.yml', 'utf8');
  const functions = parse(text, { customTags: [{ tag: '!Ref', resolve: (name: string) => name }] });
  const neededMs = DROP_LIMITS.statementMs + DROP_LIMITS.inUseMs;
  for (const name of ['create-scratch', 'drop-scratch', 'sweep-scratch'])
    expect(functions[name].timeout * 1_000, name).toBeGreaterThan(neededMs);
});
