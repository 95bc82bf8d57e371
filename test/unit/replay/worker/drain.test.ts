import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../../shared/delivery/target.ts';
import { parseExpression } from '../../../../shared/plan/values/expression.ts';
import { settleAccount } from '../../../../shared/replay/account/settle-account.ts';
import {
  type Drained,
  type DrainOrder,
  type DrainPorts,
  drain,
} from '../../../../shared/replay/worker/drain.ts';
import { sendMany } from '../../../../shared/replay/worker/sending-policy.ts';
import { memoryLedger } from '../../ledger/memory-ledger.ts';
import { memoryAccounts } from '../memory-accounts.ts';
import { memoryQueue } from '../memory-queue.ts';
import { type Life, lifeWith, longLife, type Mishap } from '../mishaps.ts';
import { virtualTimer } from '../virtual-timer.ts';

const LEASE_MS = 30_000;

const accepted: Delivery = { outcome: 'accepted' };
const refused: Delivery = { outcome: 'refused', reason: 'HTTP 400' };
const failed: Delivery = { outcome: 'failed', reason: 'HTTP 500', slowDown: false, retryAfter: null };
const unknown: Delivery = { outcome: 'unknown', reason: 'no answer', slowDown: false, retryAfter: null };

/** A queue with messages of these ids, a receiver that honours no key, and workers; all by one virtual clock. */
function open(
  ids: readonly string[],
  {
    answer = () => accepted,
    unlucky,
  }: {
    answer?: (id: string) => Delivery | 'lost';
    unlucky?: NonNullable<Parameters<typeof memoryQueue>[2]>['unlucky'];
  } = {},
) {
  const clock = virtualTimer();
  const bodies = ids.map((id) => ({ body: JSON.stringify({ id }) }));
  const { queue, size } = memoryQueue(clock, bodies, unlucky ? { unlucky } : {});
  const { ledgerOf } = memoryLedger(clock);
  const accounts = memoryAccounts(clock);
  const effects = new Map<string, number>();
  const target: DrainPorts['target'] = {
    async deliver(_, key) {
      const delivery = answer(key);
      if (delivery === 'lost' || delivery.outcome === 'accepted')
        effects.set(key, (effects.get(key) ?? 0) + 1);
      return delivery === 'lost' ? unknown : delivery;
    },
    health: async () => null,
    close: async () => {},
  };

  function work(
    worker: string,
    change: (ports: DrainPorts) => DrainPorts = (ports) => ports,
    difference: Partial<DrainOrder> = {},
  ): Promise<Drained> {
    const owner = `run/${worker}`;
    const ports = change({
      queue,
      ledger: ledgerOf(owner),
      target,
      quarantine: { keep: async () => 'kept' },
      alreadyApplied: null,
      accounts: accounts.store,
      locks: { holder: async () => null },
      clock,
    });
    const order: DrainOrder = {
      runId: 'run',
      owner,
      rules: {
        format: 'any',
        key: parseExpression('body.id'),
        filters: [],
        maxAge: null,
        sendsRecords: false,
        sources: undefined,
      },
      rate: 1_000,
      policy: sendMany({ inFlight: 4, max: null }),
      leaseMs: LEASE_MS,
      until: new Date(clock.now().getTime() + 4 * LEASE_MS),
      failureRatio: 1,
      ...difference,
    };
    return drain(ports, order, new AbortController().signal);
  }

  const settled = () => settleAccount(accounts.all());
  const doubles = () => [...effects.values()].reduce((sum, times) => sum + times - 1, 0);
  return { clock, size, effects, doubles, settled, work };
}

/** Numbers from 0 to 1, the same for the same seed. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('a message takes effect, is counted as delivered once, and is doubled only where it is counted as unknown,', () => {
  /** In their order: seven that are to take effect, some of them more than once, and one that the target refuses. */
  const IDS = ['a', 'a', 'b', 'c', 'refused', 'd', 'b', 'e', 'f', 'refused', 'g', 'a'];
  const WANTED = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

  /** Workers that never come to an end are not waited for. */
  const MOST_WORKERS = 400;

  /**
   * Replays a queue until it is empty: two workers side by side, then one after the other. The lives are those of all but
   * the second; the last worker lives long.
   *
   * @returns what is not as it must be
   */
  async function replay(
    lives: readonly Life[],
    { seed, hostile = false }: { seed: number; hostile?: boolean },
  ): Promise<string[]> {
    const chance = chances(seed);
    const { size, effects, doubles, settled, work } = open(IDS, {
      answer(id) {
        if (id === 'refused') return refused;
        const luck = chance();
        if (luck < 0.15) return luck < 0.1 ? failed : unknown;
        return luck < 0.3 ? 'lost' : accepted;
      },
      unlucky: (what) => hostile && chance() < (what === 'not deleted' ? 0.2 : 0.02),
    });
    const lead = async (life: Life, number: number) => {
      const ended = work(String(number), life.live);
      await Promise.race([ended.catch(() => {}), life.died]); // one that could not save its account has died
    };

    const [first = longLife(), ...others] = lives;
    await Promise.all([lead(first, 0), lead(longLife(), 1)]);
    for (let number = 2; size() > 0 && number < MOST_WORKERS; number++)
      await lead(others.shift() ?? longLife(), number);

    const { account, addsUp, words } = settled();
    return [
      ...(size() === 0 ? [] : [`${size()} messages left`]),
      ...(addsUp ? [] : [words]),
      ...WANTED.filter((id) => !effects.has(id)).map((id) => `${id} had no effect`),
      ...(account.delivered === WANTED.length ? [] : [`${account.delivered} delivered`]),
      ...(account.quarantined === 1 ? [] : [`${account.quarantined} quarantined`]),
      ...(doubles() <= account.unknown ? [] : [`${doubles()} doubles, and ${account.unknown} unknown`]),
    ];
  }

  test('whatever the target does', async () => {
    for (let seed = 1; seed <= 50; seed++) expect(await replay([], { seed }), `seed ${seed}`).toEqual([]);
  });

  test.each<[Mishap, number]>([
    ['dies', 1],
    ['fails', 1],
    ['fails', 6],
    ['loses the answer', 1],
    ['loses the answer', 6],
  ])('whenever a worker %s, %i times in a row', async (mishap, times) => {
    for (let at = 1, life = longLife(); at === 1 || life.moments() >= at - 1; at++) {
      life = lifeWith(mishap, { at, times });
      expect(await replay([life], { seed: 1 }), `moment ${at}`).toEqual([]);
    }
  });

  test.each([
    ['one after the other', false],
    ['and the queue deletes not all and gives some twice', true],
  ])('though workers die and fail, %s', async (_, hostile) => {
    const chance = chances(1);
    const one = <T>(...choice: T[]) => choice[Math.floor(chance() * choice.length)] as T;
    for (let seed = 1; seed <= 200; seed++) {
      const mishaps = Array.from({ length: 4 }, () => ({
        mishap: one<Mishap>('dies', 'dies', 'fails', 'loses the answer'),
        at: 1 + Math.floor(chance() * 110),
        times: one(1, 4),
      }));
      const lives = mishaps.map(({ mishap, ...when }) => lifeWith(mishap, when));
      expect(await replay(lives, { seed, hostile }), `seed ${seed}, ${JSON.stringify(mishaps)}`).toEqual([]);
    }
  });
});

describe('a message that two workers have', () => {
  test('is counted by the one that delivered it, though its account is saved late', async () => {
    const recorded = Promise.withResolvers<void>();
    let receivedAgain = 0;
    const { work, settled, clock, size } = open(['a'], { unlucky: () => receivedAgain-- > 0 });
    const slow = work('slow', (ports) => ({
      ...ports,
      accounts: {
        ...ports.accounts,
        async save(...saving) {
          recorded.resolve();
          await clock.sleep(LEASE_MS / 3);
          return ports.accounts.save(...saving);
        },
      },
    }));
    await recorded.promise;
    receivedAgain = 1; // SQS gives a message twice now and then
    await Promise.all([slow, work('other')]);
    expect(settled().account).toMatchObject({ received: 2, delivered: 1, duplicates: 1 });
    expect(size()).toBe(0);
  });

  test('because the first lost hold of it, is delivered by one and a duplicate of the other', async () => {
    const { work, settled, effects, clock } = open(['a']);
    const stuck = work('stuck', (ports) => ({
      ...ports,
      queue: { ...ports.queue, hide: async () => [] },
      ledger: { ...ports.ledger, extend: async (keys) => keys.map(() => false) },
      target: {
        ...ports.target,
        async deliver(...message) {
          await clock.sleep(2 * LEASE_MS);
          return ports.target.deliver(...message);
        },
      },
    }));
    await clock.sleep(LEASE_MS + 1_000);
    await Promise.all([stuck, work('other')]);
    expect(effects.get('a')).toBe(2);
    expect(settled().account).toMatchObject({ received: 2, delivered: 1, duplicates: 1, unknown: 1 });
  });
});

describe('what cannot be kept in quarantine', () => {
  const broken = (ports: DrainPorts): DrainPorts => ({
    ...ports,
    quarantine: {
      keep: async () => {
        throw new Error('the vault is away');
      },
    },
  });

  test('was refused for sure: sent again, it is none that may have taken effect', async () => {
    const { work, settled } = open(['a'], { answer: () => refused });
    expect(await work('1', broken)).toMatchObject({
      ended: 'stopped',
      reason: expect.stringMatching(/the vault is away/),
      account: { quarantined: 0, returned: 1 },
    });
    await work('2');
    expect(settled().account).toMatchObject({ quarantined: 1, unknown: 0 });
  });

  test('may have taken effect before it was refused: sent again, it is counted as that', async () => {
    const answers = [unknown, refused, refused];
    const { work, settled } = open(['a'], { answer: () => answers.shift() ?? refused });
    await work('1', broken);
    await work('2');
    expect(settled().account).toMatchObject({ quarantined: 1, unknown: 2 });
  });
});

describe('the check of the application’s database', () => {
  test('that finds a message makes it a duplicate, whenever a worker dies', async () => {
    const checked = (ports: DrainPorts): DrainPorts => ({
      ...ports,
      alreadyApplied: { has: async (key) => key === 'a', close: async () => {} },
    });
    for (let at = 1, life = longLife(); at === 1 || life.moments() >= at - 1; at++) {
      life = lifeWith('dies', { at });
      const { work, settled, effects, size } = open(['a', 'b']);
      await Promise.race([work('first', (ports) => life.live(checked(ports))), life.died]);
      for (let worker = 2; size() > 0; worker++) await work(String(worker), checked);
      expect(settled(), `moment ${at}`).toMatchObject({ addsUp: true, account: { delivered: 1 } });
      expect([...effects.keys()]).toEqual(['b']);
    }
  });

  test('that fails stops the worker before it sends anything', async () => {
    const { work, effects, clock } = open(['a', 'b']);
    const drained = await work('1', (ports) => ({
      ...ports,
      alreadyApplied: {
        async has() {
          await clock.sleep(1);
          throw new Error('the database is away');
        },
        close: async () => {},
      },
    }));
    expect(drained).toMatchObject({
      ended: 'stopped',
      reason: 'Error: the database is away',
      account: { returned: 2, unknown: 0, attempts: 0, reasons: { error: 2 } },
    });
    expect(effects.size).toBe(0);
    expect((await work('2')).account).toMatchObject({ delivered: 2, unknown: 0 });
  });
});
