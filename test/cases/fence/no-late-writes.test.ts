import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'local-postgres/access';
import { expect, test } from 'vitest';
import { systemClock } from '../../../shared/clock/clock.ts';
import { keepRenewing } from '../../../shared/lease/keep-renewing.ts';
import { createRenewLease } from '../../../shared/lease/renew-lease.ts';
import { mayPromoteAt } from '../../../shared/lease/wait-before-promotion.ts';
import type { Locks } from '../../../shared/locks/locks.ts';
import { memoryLocks } from '../../unit/locks/memory-locks.ts';
import { answerTo, fence, newDatabase, session, useServer, withFence } from './server.ts';

const started = useServer();

const VALID_MS = 4_000;
const LEASE = { name: 'writer', owner: 'primary', note: { validMs: VALID_MS, gaps: [] } };

/** Writers that go on until they are told to stop, and note when each write was acknowledged. */
async function startWriters(database: Connection, count: number) {
  let isOver = false;
  const acknowledged: { id: number; at: number }[] = [];
  const refused: string[] = [];
  let next = 0;
  const writer = async (number: number) => {
    const client = await session(database);
    try {
      while (!isOver) {
        next += 1;
        const id = next;
        const statements =
          number % 3 === 0
            ? [`INSERT INTO orders VALUES (${id})`]
            : // Writes early and commits late, some of them long after the lease.
              ['BEGIN', `INSERT INTO orders VALUES (${id})`, `SELECT pg_sleep(${(id % 7) / 3})`, 'COMMIT'];
        let answer = 'ok';
        for (const sql of statements) {
          answer = await answerTo(client, sql);
          if (answer !== 'ok') break;
        }
        if (answer === 'ok') acknowledged.push({ id, at: performance.now() });
        else {
          refused.push(answer);
          await client.query('ROLLBACK');
          await sleep(20);
        }
      }
    } finally {
      await client.end();
    }
  };
  const all = Promise.all(Array.from({ length: count }, (_, number) => writer(number)));
  return {
    acknowledged,
    refused,
    async stop() {
      isOver = true;
      await all;
    },
  };
}

/** What happens to the renewer after it has renewed for a while. */
const ENDS: [string, (locks: Locks) => { locks: Pick<Locks, 'take'>; stop: boolean }][] = [
  ['goes on, and is refused', (locks) => ({ locks, stop: false })],
  ['is killed', (locks) => ({ locks, stop: true })],
  [
    'is cut off from the standby Region',
    () => ({
      locks: { take: () => Promise.reject(new Error('no route to the standby Region')) },
      stop: false,
    }),
  ],
  [
    'is stopped after a grant, and wakes up long after the promotion',
    (locks) => ({
      locks: {
        async take(...call) {
          const taken = await locks.take(...call);
          await sleep(VALID_MS + 4_000);
          return taken;
        },
      },
      stop: false,
    }),
  ],
];

test.each(ENDS)(
  'no write is acknowledged once a failover may promote, where the renewer %s',
  async (_, end) => {
    const database = await newDatabase(started.server, 'CREATE TABLE orders (id int PRIMARY KEY)');
    await fence(database, ['orders'], VALID_MS);
    const store = new Map();
    const standby = memoryLocks(systemClock, store);
    let path: Pick<Locks, 'take'> = standby;
    const killed = new AbortController();
    const renewer = withFence(database, (one) =>
      keepRenewing(() => createRenewLease({ take: (...call) => path.take(...call) }, one)(LEASE), {
        everyMs: 500,
        until: new Date(Date.now() + 60_000),
        clock: systemClock,
        signal: killed.signal,
      }),
    );
    const writers = await startWriters(database, 6);
    await sleep(VALID_MS); // outlives the first lease, so the renewals are what lets it write
    const fate = end(standby);
    path = fate.locks;
    if (fate.stop) killed.abort();
    await sleep(700);
    const before = writers.acknowledged.length;

    // The failover's clock is an hour ahead: only how fast it runs matters.
    const ahead = { now: () => new Date(Date.now() + 3_600_000) };
    expect(await memoryLocks(ahead, store).reserve('writer', 'failover')).toMatchObject({ reserved: true });
    const promoteAt = mayPromoteAt(ahead.now(), { validMs: VALID_MS, longestTransactionMs: 0 });
    while (ahead.now() < promoteAt) await sleep(20);
    const promotedAt = performance.now();
    await sleep(2_500);
    killed.abort();
    await writers.stop();
    await renewer;

    expect(before).toBeGreaterThan(10);
    expect(writers.acknowledged.filter(({ at }) => at > promotedAt)).toEqual([]);
    expect(new Set(writers.refused)).toEqual(new Set(['25006']));
    // Each acknowledged write is there, and no other.
    const reader = await session(database);
    const { rows } = await reader.query<{ id: number }>('SELECT id FROM orders ORDER BY id');
    await reader.end();
    expect(rows.map(({ id }) => id)).toEqual(writers.acknowledged.map(({ id }) => id).sort((a, b) => a - b));
  },
  60_000,
);
