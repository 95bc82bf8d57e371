import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { SecretUnusable } from '../../../shared/aws/read-secret.ts';
import { DatabaseUnreachable, HeartbeatRefused } from '../../../shared/database/engine.ts';
import { FailoverStateUnreadable } from '../../../shared/failover/failover-state.ts';
import {
  connectionFinding,
  heartbeatFinding,
  LookTimedOut,
} from '../../../shared/failover/looks/database.ts';
import { failing, healthy, silent } from '../../../shared/failover/looks/look.ts';
import { type Eyes, watchPrimary } from '../../../shared/failover/watch.ts';
import type { Failover } from '../../../shared/plan/sections/failover.ts';
import { HOUR, MINUTE, milliseconds } from '../../../shared/plan/values/duration.ts';
import { steppedClock } from '../replay/stepped-clock.ts';
import { memoryFailoverState } from './memory-failover-state.ts';

const failsFor = milliseconds(MINUTE);
const FAILOVER: Failover = {
  signals: {
    health: { health: { url: 'https://shop.example.com/health', status: 200 }, failsFor },
    database: { connect: 'main', failsFor },
    writes: { heartbeat: { database: 'main', olderThan: milliseconds(5 * MINUTE) }, failsFor },
    instance: { rds: 'main', failsFor },
    errors: { alarm: 'shop-5xx', failsFor },
  },
  decide: {
    of: ['health', 'database', 'instance'],
    atLeast: 2,
    notWithin: milliseconds(6 * HOUR),
    blackout: [],
  },
};

const look = { readsOnly: false, beatAt: new Date('2026-10-05T02:00:00Z'), refused: null };
const unreachable = (code: string, message = code) =>
  new DatabaseUnreachable('unreachable', { cause: Object.assign(new Error(message), { code }) });

/** Eyes to which all is well. A test states what differs. */
function eyes(difference: Partial<Eyes> = {}): Eyes {
  return {
    endpoint: async () => healthy('200'),
    database: async () => ({ look }),
    instance: async () => healthy('available'),
    alarm: async () => healthy('OK'),
    ownNetworkFault: async () => null,
    ...difference,
  };
}

const allSilent: Partial<Eyes> = {
  endpoint: async () => silent('nothing'),
  database: async () => ({ error: new LookTimedOut('nothing') }),
  instance: async () => silent('nothing'),
};

describe('a watch', () => {
  test('finds the primary lost, since the first look that failed, once enough failed for their time', async () => {
    const [clock, state] = [steppedClock(), memoryFailoverState()];
    const watch = (difference = {}) =>
      watchPrimary({ failover: FAILOVER, eyes: eyes(difference), state, clock });
    expect((await watch()).primary).toBe('healthy');
    clock.pass(MINUTE);
    expect((await watch(allSilent)).primary).toBe('undecided');
    clock.pass(MINUTE);
    expect(await watch(allSilent)).toMatchObject({
      primary: 'lost',
      since: new Date('2026-10-05T02:01:00Z'),
      lastHealthy: new Date('2026-10-05T02:00:00Z'),
    });
  });

  test('knows nothing of the primary while its own network does not work', async () => {
    const [clock, state] = [steppedClock(), memoryFailoverState()];
    const watch = (difference = {}) =>
      watchPrimary({ failover: FAILOVER, eyes: eyes(difference), state, clock });
    await watch();
    for (let minute = 0; minute < 5; minute++) {
      clock.pass(MINUTE);
      const { primary, signals } = await watch({ ...allSilent, ownNetworkFault: async () => 'no way out' });
      expect(primary).toBe('undecided');
      expect(signals.filter(({ decides }) => decides).map(({ seen }) => seen)).toEqual(
        Array(3).fill('unknown'),
      );
    }
  });

  test('asks for its own network only where something is silent', async () => {
    let asked = 0;
    const ownNetworkFault = async () => {
      asked++;
      return null;
    };
    const watch = (difference: Partial<Eyes>) =>
      watchPrimary({
        failover: FAILOVER,
        eyes: eyes({ ownNetworkFault, ...difference }),
        state: memoryFailoverState(),
        clock: steppedClock(),
      });
    await watch({ endpoint: async () => failing('503') });
    expect(asked).toBe(0);
    await watch({ endpoint: async () => silent('nothing') });
    expect(asked).toBe(1);
  });

  test('connects to a database once for all of its signals, and one look that throws spoils no other', async () => {
    let connected = 0;
    const assessment = await watchPrimary({
      failover: FAILOVER,
      eyes: eyes({
        database: async () => {
          connected++;
          return { look };
        },
        instance: () => Promise.reject(new Error('a defect')),
      }),
      state: memoryFailoverState(),
      clock: steppedClock(),
    });
    expect(connected).toBe(1);
    expect(assessment.signals.map(({ seen }) => seen)).toEqual([
      'healthy',
      'healthy',
      'healthy',
      'unknown',
      'healthy',
    ]);
    expect(assessment.signals[3]?.detail).toBe('the look itself failed: a defect');
  });

  test('goes on with a switch that cannot be read, and holds', async () => {
    const state = {
      ...memoryFailoverState(),
      switchedOff: () =>
        Promise.reject(new FailoverStateUnreadable('the item "automatic-failover" is not readable')),
    };
    const clock = steppedClock();
    const watch = (difference = {}) =>
      watchPrimary({ failover: FAILOVER, eyes: eyes(difference), state, clock });
    await watch();
    clock.pass(MINUTE);
    await watch(allSilent);
    clock.pass(MINUTE);
    expect(await watch(allSilent)).toMatchObject({
      primary: 'lost',
      held: [expect.stringContaining('not readable')],
    });
  });
});

describe('a database', () => {
  const serverError = (code: string) =>
    new DatabaseUnreachable('refused', {
      cause: Object.assign(new pg.DatabaseError(code, 0, 'error'), { code }),
    });

  test.each([
    ['does not answer', new LookTimedOut('12 s'), 'failing', true],
    ['is connected to for too long', unreachable('', 'timeout expired'), 'failing', true],
    ['has no way to it', unreachable('EHOSTUNREACH'), 'failing', true],
    ['refuses the connection', unreachable('ECONNREFUSED'), 'failing', undefined],
    ['closes the connection', unreachable('', 'Connection terminated unexpectedly'), 'failing', undefined],
    ['starts or stops', serverError('57P03'), 'failing', undefined],
    ['was shut down by its administrator', serverError('57P01'), 'failing', undefined],
    // github.com/openark/orchestrator: too many connections on a master that is well.
    ['has no free connection', serverError('53300'), 'unknown', undefined],
    ['refuses the password', serverError('28P01'), 'unknown', undefined],
    ['is dropped', serverError('3D000'), 'unknown', undefined],
    // The authorities of RDS are replaced every few years, and the watcher may have the old ones.
    ['has a new certificate', unreachable('SELF_SIGNED_CERT_IN_CHAIN'), 'unknown', undefined],
    ['has a name that is not known', unreachable('ENOTFOUND'), 'unknown', undefined],
    ['is out of reach of a watcher without a network', unreachable('ENETUNREACH'), 'unknown', undefined],
    [
      'has a secret that may not be read',
      new SecretUnusable('shop/database', 'could not be read'),
      'unknown',
      undefined,
    ],
  ])('that %s', (_, error, seen, isSilent) => {
    const finding = connectionFinding({ error });
    expect(finding.seen).toBe(seen);
    expect(finding.silent).toBe(isSilent);
    // One cause must not fail two signals.
    expect(heartbeatFinding({ error }, MINUTE, new Date()).seen).toBe('unknown');
  });

  test('that only reads is no primary', () => {
    expect(connectionFinding({ look: { ...look, readsOnly: true } })).toMatchObject({ seen: 'failing' });
  });

  test('has a heartbeat that fails by its age alone', () => {
    const at = (minutes: number) => new Date(look.beatAt.getTime() + minutes * MINUTE);
    const seen = (difference: object, minutes: number) =>
      heartbeatFinding({ look: { ...look, ...difference } }, 5 * MINUTE, at(minutes)).seen;
    expect(seen({}, 5)).toBe('healthy');
    expect(seen({}, 5.01)).toBe('failing');
    expect(seen({}, -60)).toBe('healthy'); // the writer's clock is ahead
    expect(seen({ beatAt: null }, 5)).toBe('unknown');
    expect(seen({ beatAt: null, refused: new HeartbeatRefused('may not') }, 5)).toBe('unknown');
  });
});
