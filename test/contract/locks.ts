import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../shared/clock/clock.ts';
import { CLOCK_TOLERANCE_MS, type Locks } from '../../shared/locks/locks.ts';

const LEASE_MS = 60_000;
const START = Date.parse('2026-10-05T02:00:00Z');

/** A process with its own clock, which may be ahead of the others. */
function movableClock(aheadMs = 0): Clock & { pass(milliseconds: number): void } {
  let now = START + aheadMs;
  return {
    now: () => new Date(now),
    pass(milliseconds) {
      now += milliseconds;
    },
  };
}

/**
 * What all locks must do, wherever they are kept.
 *
 * @param open the locks as a process with this clock sees them; all of them share one store
 */
export function describeLocks(name: string, open: (clock: Clock) => Locks): void {
  /** A lock of its own for each test. */
  const prepare = () => {
    const clock = movableClock();
    return { lock: `contract/${randomUUID()}`, clock, locks: open(clock) };
  };
  const end = (clock: Clock) => new Date(clock.now().getTime() + LEASE_MS);

  describe(`${name}: taking`, () => {
    test('a free lock holds it for the lease', async () => {
      const { lock, clock, locks } = prepare();
      expect(await locks.holder(lock)).toBeNull();
      const until = end(clock);
      expect(await locks.take(lock, 'a', LEASE_MS)).toEqual({ held: true, until });
      expect(await locks.holder(lock)).toEqual({ owner: 'a', until });
    });

    test('a held lock changes nothing and names its holder', async () => {
      const { lock, clock, locks } = prepare();
      const until = end(clock);
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(1_000);
      expect(await locks.take(lock, 'b', LEASE_MS)).toEqual({ held: false, holder: { owner: 'a', until } });
      expect(await locks.holder(lock)).toEqual({ owner: 'a', until });
    });

    test('again by its owner succeeds and counts the lease from now', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(1_000);
      const until = end(clock);
      expect(await locks.take(lock, 'a', LEASE_MS)).toEqual({ held: true, until });
      expect(await locks.holder(lock)).toEqual({ owner: 'a', until });
    });

    test('by many at once has one winner, whom all others name', async () => {
      const { lock, clock, locks } = prepare();
      const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`);
      const taken = await Promise.all(owners.map((owner) => locks.take(lock, owner, LEASE_MS)));
      const winner = owners[taken.findIndex(({ held }) => held)];
      expect(taken.filter(({ held }) => held)).toHaveLength(1);
      for (const one of taken)
        if (!one.held) expect(one.holder).toEqual({ owner: winner, until: end(clock) });
      expect(await locks.holder(lock)).toEqual({ owner: winner, until: end(clock) });
    });

    test('by many at once after it ran out has one winner', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS + CLOCK_TOLERANCE_MS + 1);
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, index) => locks.take(lock, `owner-${index}`, LEASE_MS)),
      );
      expect(taken.filter(({ held }) => held)).toHaveLength(1);
    });

    test('one lock leaves the others alone', async () => {
      const { lock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      expect(await locks.holder(`${lock}/other`)).toBeNull();
      expect(await locks.take(`${lock}/other`, 'b', LEASE_MS)).toMatchObject({ held: true });
      expect(await locks.holder(lock)).toMatchObject({ owner: 'a' });
    });
  });

  describe(`${name}: a lock whose time has run out`, () => {
    test('is held by no owner from the moment of its end', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS - 1);
      expect(await locks.holder(lock)).toMatchObject({ owner: 'a' });
      clock.pass(1);
      expect(await locks.holder(lock)).toBeNull();
    });

    test('is taken by another only after the tolerance for clocks', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS + CLOCK_TOLERANCE_MS);
      expect(await locks.take(lock, 'b', LEASE_MS)).toMatchObject({ held: false, holder: { owner: 'a' } });
      clock.pass(1);
      expect(await locks.take(lock, 'b', LEASE_MS)).toMatchObject({ held: true });
      expect(await locks.holder(lock)).toMatchObject({ owner: 'b' });
    });

    test('is not taken early by a process whose clock is ahead', async () => {
      const { lock, clock, locks } = prepare();
      const ahead = movableClock(CLOCK_TOLERANCE_MS);
      const others = open(ahead);
      await locks.take(lock, 'a', LEASE_MS);
      for (const each of [clock, ahead]) each.pass(LEASE_MS - 1);
      expect(await locks.holder(lock)).toMatchObject({ owner: 'a' });
      expect(await others.take(lock, 'b', LEASE_MS)).toMatchObject({ held: false });
    });

    test('is taken late, never early, by a process whose clock is behind', async () => {
      const { lock, clock, locks } = prepare();
      const behind = movableClock(-30_000);
      const others = open(behind);
      await locks.take(lock, 'a', LEASE_MS);
      for (const each of [clock, behind]) each.pass(LEASE_MS + CLOCK_TOLERANCE_MS + 1);
      expect(await others.take(lock, 'b', LEASE_MS)).toMatchObject({ held: false });
      behind.pass(30_000);
      expect(await others.take(lock, 'b', LEASE_MS)).toMatchObject({ held: true });
    });

    test('can be taken again by its owner while no other took it', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS + 1);
      expect(await locks.take(lock, 'a', LEASE_MS)).toEqual({ held: true, until: end(clock) });
    });
  });

  describe(`${name}: extending`, () => {
    test('makes a held lock end later', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS - 1);
      const until = end(clock);
      expect(await locks.extend(lock, 'a', LEASE_MS)).toEqual({ held: true, until });
      expect(await locks.extend(lock, 'a', LEASE_MS)).toEqual({ held: true, until });
      expect(await locks.holder(lock)).toEqual({ owner: 'a', until });
    });

    test('is refused once the time has run out, since another may have seen the lock free', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS);
      expect(await locks.extend(lock, 'a', LEASE_MS)).toEqual({ held: false, holder: null });
      expect(await locks.holder(lock)).toBeNull();
    });

    test('is refused where another holds the lock, who is named', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS + CLOCK_TOLERANCE_MS + 1);
      await locks.take(lock, 'b', LEASE_MS);
      const holder = { owner: 'b', until: end(clock) };
      expect(await locks.extend(lock, 'a', 2 * LEASE_MS)).toEqual({ held: false, holder });
      expect(await locks.holder(lock)).toEqual(holder);
    });

    test('makes no lock where there is none', async () => {
      const { lock, locks } = prepare();
      expect(await locks.extend(lock, 'a', LEASE_MS)).toEqual({ held: false, holder: null });
      expect(await locks.holder(lock)).toBeNull();
    });
  });

  describe(`${name}: releasing`, () => {
    test('frees the lock for the next owner at once', async () => {
      const { lock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      expect(await locks.release(lock, 'a')).toEqual({ released: true });
      expect(await locks.holder(lock)).toBeNull();
      expect(await locks.take(lock, 'b', LEASE_MS)).toMatchObject({ held: true });
    });

    test('twice changes nothing the second time, and says that the lock is free', async () => {
      const { lock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      await locks.release(lock, 'a');
      expect(await locks.release(lock, 'a')).toEqual({ released: false, holder: null });
    });

    test('twice does not free the lock that another took in between', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      await locks.release(lock, 'a');
      await locks.take(lock, 'b', LEASE_MS);
      const holder = { owner: 'b', until: end(clock) };
      expect(await locks.release(lock, 'a')).toEqual({ released: false, holder });
      expect(await locks.holder(lock)).toEqual(holder);
    });

    test('by two steps of one owner at once frees it once', async () => {
      const { lock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      const released = await Promise.all([locks.release(lock, 'a'), locks.release(lock, 'a')]);
      expect(released.filter((one) => one.released)).toHaveLength(1);
      expect(await locks.holder(lock)).toBeNull();
    });

    test('after the time ran out frees it while no other took it', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'a', LEASE_MS);
      clock.pass(LEASE_MS);
      expect(await locks.release(lock, 'a')).toEqual({ released: true });
      expect(await locks.take(lock, 'b', LEASE_MS)).toMatchObject({ held: true });
    });
  });

  describe(`${name}: reserving`, () => {
    test('keeps its holder from extending or taking it again, and leaves it what it was granted', async () => {
      const { lock, clock, locks } = prepare();
      const until = end(clock);
      await locks.take(lock, 'primary', LEASE_MS, 'fenced');
      const last = { owner: 'primary', until, note: 'fenced' };
      expect(await locks.reserve(lock, 'failover')).toEqual({ reserved: true, last });
      clock.pass(1_000);
      const refused = { held: false, holder: last, reservedFor: 'failover' };
      expect(await locks.extend(lock, 'primary', LEASE_MS)).toEqual(refused);
      expect(await locks.take(lock, 'primary', LEASE_MS)).toEqual(refused);
      expect(await locks.holder(lock)).toEqual(last);
    });

    test('keeps everybody else out, also after the lock ran out', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'primary', LEASE_MS);
      await locks.reserve(lock, 'failover');
      clock.pass(LEASE_MS + CLOCK_TOLERANCE_MS + 1);
      for (const owner of ['primary', 'other'])
        expect(await locks.take(lock, owner, LEASE_MS)).toMatchObject({
          held: false,
          reservedFor: 'failover',
        });
      expect(await locks.take(lock, 'failover', LEASE_MS)).toEqual({ held: true, until: end(clock) });
    });

    test('does not give the lock to the next owner before the holder has run out', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'primary', LEASE_MS);
      await locks.reserve(lock, 'failover');
      clock.pass(LEASE_MS + CLOCK_TOLERANCE_MS);
      expect(await locks.take(lock, 'failover', LEASE_MS)).toMatchObject({ held: false });
    });

    test('a lock that nobody holds keeps everybody else from taking it', async () => {
      const { lock, clock, locks } = prepare();
      expect(await locks.reserve(lock, 'failover')).toEqual({ reserved: true, last: null });
      expect(await locks.take(lock, 'primary', LEASE_MS)).toEqual({
        held: false,
        holder: null,
        reservedFor: 'failover',
      });
      expect(await locks.holder(lock)).toBeNull();
      expect(await locks.take(lock, 'failover', LEASE_MS)).toEqual({ held: true, until: end(clock) });
    });

    test('tells of a holder that has run out, with its note', async () => {
      const { lock, clock, locks } = prepare();
      const until = end(clock);
      await locks.take(lock, 'primary', LEASE_MS, 'fenced');
      clock.pass(LEASE_MS * 10);
      expect(await locks.reserve(lock, 'failover')).toEqual({
        reserved: true,
        last: { owner: 'primary', until, note: 'fenced' },
      });
    });

    test('by two at once has one winner, whom the other names; again by the winner is the same', async () => {
      const { lock, locks } = prepare();
      await locks.take(lock, 'primary', LEASE_MS);
      const all = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => locks.reserve(lock, owner)));
      const winner = ['a', 'b', 'c', 'd'][all.findIndex(({ reserved }) => reserved)] ?? '';
      expect(all.filter(({ reserved }) => reserved)).toHaveLength(1);
      for (const one of all) if (!one.reserved) expect(one.reservedFor).toBe(winner);
      expect(await locks.reserve(lock, winner)).toMatchObject({ reserved: true });
    });

    test('stays when the holder releases the lock', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'primary', LEASE_MS);
      await locks.reserve(lock, 'failover');
      expect(await locks.release(lock, 'primary')).toEqual({ released: true });
      expect(await locks.take(lock, 'primary', LEASE_MS)).toMatchObject({ held: false });
      expect(await locks.take(lock, 'failover', LEASE_MS)).toEqual({ held: true, until: end(clock) });
    });

    test('ends with unreserve, by the one for whom it is, also twice', async () => {
      const { lock, clock, locks } = prepare();
      await locks.take(lock, 'primary', LEASE_MS);
      await locks.reserve(lock, 'failover');
      await locks.unreserve(lock, 'other');
      expect(await locks.extend(lock, 'primary', LEASE_MS)).toMatchObject({ held: false });
      await locks.unreserve(lock, 'failover');
      await locks.unreserve(lock, 'failover');
      expect(await locks.extend(lock, 'primary', LEASE_MS)).toEqual({ held: true, until: end(clock) });
    });

    test('ends with unreserve where nobody held the lock', async () => {
      const { lock, locks } = prepare();
      await locks.reserve(lock, 'failover');
      await locks.unreserve(lock, 'failover');
      expect(await locks.take(lock, 'primary', LEASE_MS)).toMatchObject({ held: true });
    });
  });
}
