import { describe, expect, test } from 'vitest';
import type { Health } from '../../../../shared/delivery/target.ts';
import type { Locks } from '../../../../shared/locks/locks.ts';
import {
  type Blocker,
  describeBlocker,
  findBlocker,
  watchBlockers,
} from '../../../../shared/replay/worker/blockers.ts';
import { steppedClock } from '../stepped-clock.ts';

const HEALTHY: Health = { healthy: true };
const UNHEALTHY: Health = { healthy: false, reason: 'HTTP 503' };
const never = new AbortController().signal;

/** A target that is asked for its health so often, and a lock that is looked at so often. */
function ports(health: readonly (Health | null)[], holders: readonly (string | null)[] = []) {
  const asked = { health: 0, lock: 0 };
  const locks: Pick<Locks, 'holder'> = {
    async holder(name) {
      if (name !== 'failover') throw new Error(`${name} is not the failover's lock`);
      const owner = holders[asked.lock++] ?? null;
      return owner === null ? null : { owner, until: new Date('2099-01-01T00:00:00Z') };
    },
  };
  const target = {
    deliver: async () => ({ outcome: 'accepted' }) as const,
    health: async () => health[Math.min(asked.health++, health.length - 1)] ?? null,
    close: async () => {},
  };
  return { target, locks, clock: steppedClock(), asked };
}

describe('nothing may be sent', () => {
  test('while a failover of the workload runs, whatever the health', async () => {
    const found = await findBlocker(ports([HEALTHY], ['failover-7']), never);
    expect(found).toEqual({ kind: 'failover', owner: 'failover-7' });
    expect(found && describeBlocker(found)).toMatch(
      /a failover of this workload runs \(failover-7\); replay after it/,
    );
  });

  test('while the target is unhealthy, with its reason', async () => {
    const found = await findBlocker(ports([UNHEALTHY]), never);
    expect(found).toEqual({ kind: 'unhealthy', reason: 'HTTP 503' });
    expect(found && describeBlocker(found)).toBe('the target is unhealthy: HTTP 503');
  });

  test.each<[string, Health | null]>([
    ['is healthy', HEALTHY],
    ['has no health check', null],
  ])('but where the target %s, everything may', async (_, health) => {
    expect(await findBlocker(ports([health]), never)).toBeNull();
  });
});

describe('a watch', () => {
  test('stops for a target that is unhealthy twice in a row, five seconds apart, and not for one that was so once', async () => {
    const stops: Blocker[] = [];
    const it = ports([HEALTHY, UNHEALTHY, HEALTHY, UNHEALTHY, UNHEALTHY]);
    await watchBlockers(it, (blocker) => stops.push(blocker), never);
    expect(stops).toEqual([{ kind: 'unhealthy', reason: 'HTTP 503' }]);
    expect(it.asked.health).toBe(5);
    expect(it.clock.slept).toEqual([5_000, 5_000, 5_000, 5_000]);
  });

  test('stops at once for a failover', async () => {
    const stops: Blocker[] = [];
    const it = ports([HEALTHY], [null, null, 'failover-7']);
    await watchBlockers(it, (blocker) => stops.push(blocker), never);
    expect(stops).toEqual([{ kind: 'failover', owner: 'failover-7' }]);
    expect(it.asked.lock).toBe(3);
  });

  test('ends with its signal, and says nothing', async () => {
    const over = new AbortController();
    const it = ports([HEALTHY]);
    const { health } = it.target;
    const target = {
      ...it.target,
      health: () => {
        if (it.asked.health === 2) over.abort();
        return health();
      },
    };
    await watchBlockers({ ...it, target }, () => expect.unreachable('nothing is wrong'), over.signal);
    expect(it.asked.health).toBe(3);
  });

  test('fails where it is not known whether a failover runs', async () => {
    const locks: Pick<Locks, 'holder'> = {
      holder: async () => {
        throw new Error('nobody answers');
      },
    };
    const watching = watchBlockers({ ...ports([HEALTHY]), locks }, () => {}, never);
    await expect(watching).rejects.toThrow('nobody answers');
  });
});
