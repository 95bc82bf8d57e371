import { describe, expect, test } from 'vitest';
import { createRenewLease } from '../../../shared/lease/renew-lease.ts';
import { mayPromoteAt } from '../../../shared/lease/wait-before-promotion.ts';
import { CLOCK_TOLERANCE_MS } from '../../../shared/locks/locks.ts';
import { memoryLocks } from '../locks/memory-locks.ts';

/**
 * A model of the world around the real decisions: renewers, a standby Region, a database and a failover, each with its own clock. A
 * seed decides who acts next, how long each step takes and who stops in the middle of one. Time is true time, in milliseconds.
 */
interface World {
  readonly seed: number;
  /** What a test breaks on purpose. */
  readonly broken?:
    | 'renews first, asks later'
    | 'reads the clock after the grant'
    | 'does not wait'
    | 'extends all the same';
}

const VALID_MS = 60_000;
const START = Date.parse('2026-10-05T02:00:00Z');

function random(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** @returns the longest time, in milliseconds, for which the old primary accepted writes after the promotion; negative: none */
async function run({ seed, broken }: World): Promise<number> {
  const chance = random(seed);
  const between = (from: number, to: number) => from + chance() * (to - from);
  let now = START;
  /** Clocks are off by anything up to an hour, in both directions, and run a little fast or slow. */
  const clockOf = () => {
    const offset = between(-3_600_000, 3_600_000);
    const rate = 1 + between(-0.005, 0.005);
    return { now: () => new Date(START + (now - START) * rate + offset) };
  };
  const database = clockOf();
  const store = new Map();
  let validUntil = Number.NEGATIVE_INFINITY;
  const isWritable = () => database.now().getTime() < validUntil;

  // Each renewer is a list of steps. A pause between two of them is anything from nothing to minutes: a stopped process.
  const pause = () => {
    const kind = chance();
    if (kind < 0.7) return between(0, 300);
    return kind < 0.9 ? between(300, 20_000) : between(20_000, 400_000);
  };
  type Step = { at: number; go: () => Promise<void> };
  const agenda: Step[] = [];
  const later = (milliseconds: number, go: () => Promise<void>) =>
    agenda.push({ at: now + milliseconds, go });
  /** Goes on when its time has come. */
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => later(milliseconds, async () => resolve()));

  let isFailoverOver = false;
  const renewer = async () => {
    const locks = memoryLocks(clockOf(), store);
    const slow = async <T>(work: () => Promise<T>): Promise<T> => {
      await wait(pause());
      const result = await work();
      await wait(pause());
      return result;
    };
    const write = async (until: Date) => {
      validUntil = Math.max(validUntil, until.getTime());
      return true;
    };
    const take: ReturnType<typeof memoryLocks>['take'] = async (...call) => {
      if (broken === 'renews first, asks later') await write(new Date(database.now().getTime() + VALID_MS));
      const taken = await slow(() => locks.take(...call));
      return broken === 'extends all the same' ? { held: true, until: new Date() } : taken;
    };
    let asked: Date | undefined;
    const fence = {
      now: () =>
        slow(async () => {
          asked = database.now();
          return asked;
        }),
      renew: (until: Date) =>
        slow(() =>
          write(
            broken === 'reads the clock after the grant'
              ? new Date(database.now().getTime() + VALID_MS - CLOCK_TOLERANCE_MS)
              : until,
          ),
        ),
    };
    const renew = createRenewLease({ take }, fence);
    while (!isFailoverOver) {
      if (chance() < 0.1) return; // killed
      if (chance() < 0.2) {
        await wait(between(1_000, 90_000)); // a partition: neither side is reached
        continue;
      }
      await renew({
        name: 'lease',
        owner: 'primary',
        note: { validMs: VALID_MS, gaps: [] },
      });
      await wait(between(5_000, 15_000));
    }
  };

  let worst = Number.NEGATIVE_INFINITY;
  const failover = async () => {
    await wait(between(10_000, 300_000));
    const clock = clockOf();
    await memoryLocks(clock, store).reserve('lease', 'failover');
    const end = mayPromoteAt(clock.now(), { validMs: VALID_MS, longestTransactionMs: 0 });
    while (broken !== 'does not wait' && clock.now() < end) await wait(100);
    const promotedAt = now;
    // From now on every moment counts at which the old primary would still accept a write.
    for (let look = 0; look < 4_000; look += 1) {
      if (isWritable()) worst = Math.max(worst, now - promotedAt);
      await wait(200);
    }
    isFailoverOver = true;
  };

  const running = Promise.all([renewer(), renewer(), renewer(), failover()]);
  let done = false;
  void running.then(() => {
    done = true;
  });
  while (!done) {
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    agenda.sort((a, b) => a.at - b.at);
    const next = agenda.shift();
    if (next === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    now = Math.max(now, next.at);
    await next.go();
  }
  return worst;
}

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

describe('whatever the clocks show and whichever process stops', () => {
  test('no write is accepted by the old primary once a failover may promote', async () => {
    for (const seed of SEEDS) expect(await run({ seed }), `seed ${seed}`).toBe(Number.NEGATIVE_INFINITY);
  });

  test.each([
    'renews first, asks later',
    'reads the clock after the grant',
    'does not wait',
    'extends all the same',
  ] as const)('a renewer that %s is caught', async (broken) => {
    const caught: number[] = [];
    for (const seed of SEEDS) if ((await run({ seed, broken })) >= 0) caught.push(seed);
    expect(caught).not.toEqual([]);
  });
});
