import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createAuthority } from 'certificate-authority';
import { freePort } from 'process-kit/free-port';
import { describe, expect, test, vi } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { projectFolder, workFolder } from '../../local/folders.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { TargetMisconfigured } from '../../shared/delivery/target.ts';
import { type Destination, DestinationUnavailable } from '../../shared/rehydration/destination.ts';
import { memoryBeside, redisDestination } from '../../shared/rehydration/redis-destination.ts';
import { parseRedisSecret } from '../../shared/rehydration/redis-secret.ts';
import { rehydrationInWords, rehydrationOutcome } from '../../shared/rehydration/summary.ts';
import { fieldCase } from '../cases/field-case.ts';
import { noRedis, startRedis } from './support/redis.ts';
import { bodies, dynamo, fill, jobs, NOTHING, newList, range, redis, undo } from './support/rehydration.ts';
import { aws, newDatabase, run, unique } from './support/servers.ts';
import { createJournalTable } from './support/tables.ts';

fieldCase(
  'B5',
  async (now) => {
    const place = await newList();
    const database = await jobs(3);
    expect(await fill(place, database)).toMatchObject({ sent: 3 });
    await redis.command('DEL', place.list);
    const again = await fill(place, database);
    now(`${rehydrationOutcome(again, false)}: ${rehydrationInWords(again, false)}`);
    expect(again).toEqual({ ...NOTHING, rows: 3, sent: 3 });
    expect(bodies(await place.take())).toEqual(['job 1', 'job 2', 'job 3']);
  },
  { skipped: noRedis },
);

describe.skipIf(noRedis)(`a list of Redis${noRedis ? ` (skipped: ${noRedis})` : ''}`, () => {
  test('has the rows in their order, behind what is there', async () => {
    const place = await newList();
    await redis.command('RPUSH', place.list, 'before');
    await fill(place, await jobs(250));
    expect(bodies(await place.take())).toEqual(['before', ...range(250).map((n) => `job ${n}`)]);
  });

  test('remembers beside it what was pushed, for a time', async () => {
    const place = await newList();
    await fill(place, await jobs(3));
    const ids = memoryBeside(place.list);
    expect(((await redis.command('HKEYS', ids)) as string[]).sort()).toEqual([
      'campaigns#1',
      'campaigns#2',
      'campaigns#3',
    ]);
    expect(Number(await redis.command('TTL', ids))).toBeGreaterThan(14 * 86_400);
  });

  test('is filled once where the server is killed in between and comes back with its data', async () => {
    const server = await startRedis();
    undo.push(() => server.stop());
    const place = await newList('jobs', server);
    const database = await jobs(250);
    const destination = await place.open();
    let calls = 0;
    const killing: Destination = {
      ...destination,
      async put(messages, signal) {
        if (++calls === 2) await server.kill();
        return destination.put(messages, signal);
      },
    };
    await expect(fill(place, database, { destination: killing })).rejects.toThrow(DestinationUnavailable);
    await expect(place.open()).rejects.toThrow(DestinationUnavailable);
    await server.start();
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 250, sent: 150, alreadySent: 100 });
    expect(bodies(await place.take())).toEqual(range(250).map((n) => `job ${n}`));
  });

  test('is given again only what it lacks, also where a body has changed since', async () => {
    const place = await newList();
    const database = await jobs(2_500);
    await fill(place, database);
    await redis.command('LTRIM', place.list, '500', '-1');
    await run(database, "UPDATE jobs SET payload = 'changed' WHERE id > 1000");
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 2_500, sent: 500, alreadySent: 2_000 });
    expect(await redis.command('LLEN', place.list)).toBe(2_500);
  });

  test('is not given again by a later attempt of one run what a worker has taken since', async () => {
    const place = await newList();
    const database = await jobs(3);
    const since = new Date();
    const open = () =>
      redisDestination(parseRedisSecret('redis', JSON.stringify({ url: redis.url })), place.list, {
        since,
        clock: systemClock,
      });
    await fill(place, database, { destination: await open() });
    await redis.command('LPOP', place.list);
    expect(await fill(place, database, { destination: await open() })).toMatchObject({
      sent: 0,
      alreadySent: 3,
    });
  });

  test('is filled again where the server lost it, and its memory with it', async () => {
    const place = await newList();
    const database = await jobs(10);
    await fill(place, database);
    await redis.command('FLUSHALL');
    expect(await fill(place, database)).toMatchObject({ sent: 10, alreadySent: 0 });
  });

  test('is not written to where its key holds another type, and nothing is remembered', async () => {
    const place = await newList();
    await redis.command('SET', place.list, 'a text');
    const filling = fill(place, await jobs(10));
    await expect(filling).rejects.toThrow(TargetMisconfigured);
    await expect(filling).rejects.toThrow(/WRONGTYPE/);
    expect(await redis.command('EXISTS', memoryBeside(place.list))).toBe(0);
  });

  test('of a server that has no memory left is not half filled', async () => {
    const server = await startRedis({ maxmemory: '3mb', 'maxmemory-policy': 'noeviction' });
    undo.push(() => server.stop());
    const place = await newList('jobs', server);
    const database = await newDatabase();
    const sql = `SELECT n AS key, repeat('x', 20000) AS body FROM generate_series(1, 400) n`;
    await expect(fill(place, database, { sql })).rejects.toThrow(/OOM/);
    const pushed = Number(await server.command('LLEN', 'jobs'));
    expect(pushed).toBeGreaterThan(0);
    expect(await server.command('HLEN', memoryBeside('jobs'))).toBe(pushed);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await fill(place, database, { sql })).toMatchObject({ sent: 400 - pushed, alreadySent: pushed });
  });

  test('is reached by TLS with a password that no error names', async () => {
    const authority = await createAuthority('a test');
    const password = 'p@ss:word/%';
    const server = await startRedis(
      { requirepass: password },
      { certificate: await authority.issueServer() },
    );
    undo.push(() => server.stop());
    const secret = { url: server.url, certificateAuthority: authority.certificate };
    const open = (difference: object) =>
      redisDestination(parseRedisSecret('redis', JSON.stringify({ ...secret, ...difference })), 'jobs', {
        since: new Date(),
        clock: systemClock,
      });
    const place = { ...(await newList('jobs', server)), open: () => open({}) };
    expect(await fill(place, await jobs(3))).toMatchObject({ sent: 3 });

    const other = (await createAuthority('another')).certificate;
    const untrusted = open({ certificateAuthority: other });
    await expect(untrusted).rejects.toThrow(DestinationUnavailable);
    await expect(untrusted).rejects.toThrow(/signature|certificate/);
    const refused = open({ url: server.url.replace('p%40ss', 'wrong%40') });
    await expect(refused).rejects.toThrow(TargetMisconfigured);
    const words = await refused.catch((error) => `${error} ${error.cause} ${error.stack}`);
    expect(words).toContain('WRONGPASS');
    expect(words).not.toContain('wrong@');
  });

  test('is filled by the function as it is deployed, from the plan and its secrets', {
    timeout: 60_000,
  }, async () => {
    const folder = await mkdtemp(path.join(workFolder, 'bundled-'));
    undo.push(() => rm(folder, { recursive: true }));
    await bundle({ planPath: path.join(projectFolder, 'plans/mailblast.yml'), outFolder: folder });
    const server = await startRedis(
      {},
      { port: Number(new URL(aws.addresses['mailblast/redis'] ?? '').port) },
    );
    undo.push(() => server.stop());
    const { main } = aws.databases;
    if (!main) throw new Error('the plan has no database "main"');
    await run(
      main,
      'CREATE TABLE campaigns (id int, status text, created_at timestamptz)',
      `INSERT INTO campaigns VALUES (1, 'sending', '2026-10-02'), (2, 'scheduled', '2026-10-01'), (3, 'sent', '2026-10-03')`,
    );
    undo.push(() => run(main, 'DROP TABLE campaigns'));
    await createJournalTable(dynamo, 'journal');
    const environment = { ...aws.environment, LEDGER_TABLE: 'ledger', JOURNAL_TABLE: 'journal' };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    undo.push(() => vi.unstubAllEnvs());

    const { handler } = await import(path.join(folder, 'rehydrate-queue', 'index.mjs'));
    const call = (dryRun: boolean) =>
      handler(
        { runId: 'run', runStartedAt: '2026-10-05T02:00:00.000Z', rehydration: 'pending-campaigns', dryRun },
        { awsRequestId: unique(), functionName: 'rehydrate-queue', getRemainingTimeInMillis: () => 60_000 },
      );
    const once = { rows: 2, sent: 2, alreadySent: 0, unknown: 0 };
    expect(await call(true)).toMatchObject(once);
    expect(await call(false)).toMatchObject(once);
    expect(await call(false)).toMatchObject({ rows: 2, sent: 0, alreadySent: 2, unknown: 0 });
    expect(await server.command('LRANGE', 'email_queue', '0', '-1')).toEqual([
      '{"campaign_id" : 2, "status" : "scheduled"}',
      '{"campaign_id" : 1, "status" : "sending"}',
    ]);
  });

  test('lies on one node of a cluster with its ids', async () => {
    const server = await startRedis({
      'cluster-enabled': 'yes',
      'cluster-port': String(await freePort()),
    });
    undo.push(() => server.stop());
    await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (const list of ['email_queue', '{mail}:queue', 'queue:{mail}'])
      expect(await fill(await newList(list, server), await jobs(3))).toMatchObject({ sent: 3 });
    await server.command('CLUSTER', 'DELSLOTSRANGE', '0', '16383');
  });
});
