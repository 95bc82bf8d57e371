import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Connection } from 'local-postgres/start-postgres';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock/clock.ts';
import { TargetMisconfigured } from '../../shared/delivery/target.ts';
import { LedgerUnavailable } from '../../shared/ledger/ledger.ts';
import { openDestination } from '../../shared/rehydration/open-destination.ts';
import { RehydrationIncomplete } from '../../shared/rehydration/rehydrate.ts';
import { LEASE_MS } from '../../shared/rehydration/sqs-destination.ts';
import { steppedClock } from '../unit/replay/stepped-clock.ts';
import { startLossyProxy } from './support/lossy-proxy.ts';
import {
  account,
  bodies,
  dynamo,
  fill,
  JOBS,
  jobs,
  NOTHING,
  newQueue,
  secrets,
  undo,
} from './support/rehydration.ts';
import { accessOf, aws, run, unique } from './support/servers.ts';

describe('a queue', () => {
  test('has messages that carry their id, which derives from plan and row', async () => {
    const place = await newQueue(false);
    await fill(place, await jobs(2));
    expect((await place.take()).map(({ id }) => id).sort()).toEqual([
      `${place.rehydration}#1`,
      `${place.rehydration}#2`,
    ]);
  });

  test('that is FIFO keeps the order of the rows in each group', async () => {
    const place = await newQueue(true);
    await fill(place, await jobs(60));
    const taken = await place.take();
    for (const group of new Set(taken.map(({ group }) => group))) {
      const numbers = taken.filter((one) => one.group === group).map(({ body }) => Number(body.slice(4)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    expect(taken).toHaveLength(60);
  });

  test('that is not there is named before a row is read', async () => {
    const ports = { secrets, dynamo, ledgerTable: 'ledger', clock: systemClock, account };
    const opening = openDestination(
      { queue: 'lost' },
      { rehydration: 'jobs', runId: 'run', runStartedAt: new Date(), owner: unique() },
      ports,
    );
    await expect(opening).rejects.toThrow(TargetMisconfigured);
    await expect(opening).rejects.toThrow('no queue "lost"');
  });

  test('whose answer is lost has messages twice at most where they are counted as unknown', async () => {
    const place = await newQueue(false);
    const proxy = await startLossyProxy(aws.endpoint);
    undo.push(() => proxy.stop());
    const destination = await place.open({ endpoint: proxy.endpoint });
    proxy.lose(3);
    const filled = await fill(place, await jobs(100), { destination });
    expect(filled).toMatchObject({ rows: 100, sent: 100 });
    expect(filled.unknown).toBeGreaterThan(0);
    const taken = bodies(await place.take());
    expect(new Set(taken).size).toBe(100);
    expect(taken).toHaveLength(100 + filled.unknown);
  });

  test('that is FIFO has none twice where an answer is lost: it knows the id', async () => {
    const place = await newQueue(true);
    const proxy = await startLossyProxy(aws.endpoint);
    undo.push(() => proxy.stop());
    const destination = await place.open({ endpoint: proxy.endpoint });
    proxy.lose(2);
    const filled = await fill(place, await jobs(50), { destination });
    expect(filled).toMatchObject({ rows: 50, sent: 50 });
    expect(filled.unknown).toBeGreaterThan(0);
    expect(await place.take()).toHaveLength(50);
  });

  test('that refuses for a moment is tried again; one that goes on is given the rest by the next attempt', async () => {
    const place = await newQueue(false);
    const database = await jobs(20);
    const fault = { status: 503, code: 'ServiceUnavailable', message: 'busy' } as const;
    const match = { service: 'sqs', action: 'sqs:SendMessage' };
    undo.push(aws.gateway.disturb({ match, fault, times: 2 }));
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 20, sent: 20 });
    await place.take();

    await run(database, 'UPDATE jobs SET id = id + 1000');
    const lift = aws.gateway.disturb({ match, fault });
    undo.push(lift);
    const refused = fill(place, database);
    await expect(refused).rejects.toThrow(RehydrationIncomplete);
    await expect(refused).rejects.toThrow(
      /could not send 20 of 20 rows \(0 sent, 0 sent before\).*sqs:SendMessage on queue .*ServiceUnavailable/,
    );
    expect(await place.take()).toEqual([]);
    lift();
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 20, sent: 20 });
  });

  test('is given nothing while the ledger is away', async () => {
    const place = await newQueue(false);
    const database = await jobs(20);
    undo.push(
      aws.gateway.disturb({
        match: { service: 'dynamodb' },
        fault: { status: 400, code: 'ProvisionedThroughputExceededException', message: 'slow down' },
      }),
    );
    await expect(fill(place, database)).rejects.toThrow(LedgerUnavailable);
    expect(await place.take()).toEqual([]);
  });

  const kill = async (place: Awaited<ReturnType<typeof newQueue>>, database: Connection, point: string) => {
    const order = {
      point,
      times: 2,
      access: accessOf(database),
      sql: JOBS,
      queue: place.queue,
      table: 'ledger',
      rehydration: place.rehydration,
    };
    const program = path.join(import.meta.dirname, 'support', 'rehydrate-until.ts');
    const child = spawn(process.execPath, [program, JSON.stringify(order)], {
      env: { ...process.env, ...aws.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      expect(await once(createInterface(child.stdout), 'line')).toEqual(['here']);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  };

  test.each([
    ['had claimed and sent nothing', 'claimed'],
    ['had sent and recorded nothing', 'sent'],
    ['had recorded', 'settled'],
  ])('that a killed attempt was filling is filled to the end: it %s', async (_, point) => {
    const place = await newQueue(false);
    const database = await jobs(250);
    await kill(place, database, point);
    // What the killed one held is waited for.
    const clock = steppedClock(new Date().toISOString());
    const filled = await fill(place, database, { destination: await place.open({ clock }) });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(LEASE_MS + 5_000);
    expect(filled.rows).toBe(250);
    expect(filled.sent + filled.alreadySent).toBe(250);
    const taken = bodies(await place.take());
    expect(new Set(taken).size).toBe(250);
    expect(taken.length - 250).toBeLessThanOrEqual(filled.unknown);
    expect(await fill(place, database)).toEqual({ ...NOTHING, rows: 250, alreadySent: 250 });
  });
});
