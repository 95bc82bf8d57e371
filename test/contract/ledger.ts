import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim, ClaimRequest, Ledger, Settlement } from '../../shared/ledger/ledger.ts';
import { type SteppedClock, steppedClock } from '../unit/replay/stepped-clock.ts';

const LEASE_MS = 60_000;

const message = (key: string, messageId = `message of ${key}`): ClaimRequest => ({
  key,
  bodyHash: `hash of ${key}`,
  messageId,
});
const settlement = (key: string, as: Settlement['as'], batch = 1): Settlement => ({
  key,
  messageId: `message of ${key}`,
  as,
  batch,
});
const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);
const NEVER_FAILED = { failedBefore: false, failedRuns: 0 };
const FRESH: Claim = { state: 'claimed', unknown: false, attempts: 0, ...NEVER_FAILED };

/**
 * What every ledger must do.
 *
 * @param open makes an empty ledger by this clock. @returns the ledger of an owner
 */
export function ledgerContract(name: string, open: (clock: SteppedClock) => (owner: string) => Ledger): void {
  describe(`${name}, as a ledger`, () => {
    let clock: SteppedClock;
    let ledgerOf: (owner: string) => Ledger;

    beforeEach(() => {
      clock = steppedClock();
      ledgerOf = open(clock);
    });

    const leaseUntil = () => new Date(clock.now().getTime() + LEASE_MS);

    async function claim(ledger: Ledger, ...requests: (string | ClaimRequest)[]): Promise<Claim[]> {
      return ledger.claim(
        requests.map((one) => (typeof one === 'string' ? message(one) : one)),
        leaseUntil(),
      );
    }

    /** The owners that may send each key, of many that ask for all keys at once. */
    async function holders(
      owners: readonly Ledger[],
      keys: readonly string[],
    ): Promise<Map<string, Claim[]>> {
      const answers = await Promise.all(owners.map((owner) => claim(owner, ...keys)));
      return new Map(
        keys.map((key, index) => [
          key,
          answers.flatMap((claims) => {
            const answer = claims[index];
            return answer?.state === 'claimed' ? [answer] : [];
          }),
        ]),
      );
    }

    describe('a claim', () => {
      test('is one of many that are made at once', async () => {
        const owners = Array.from({ length: 16 }, (_, index) => ledgerOf(`worker-${index}`));
        for (const claims of (await holders(owners, keysOf(25))).values()) expect(claims).toEqual([FRESH]);
      });

      test('shows the others until when they have to wait', async () => {
        await claim(ledgerOf('a'), 'x');
        expect(await claim(ledgerOf('b'), 'x', 'y')).toEqual([{ state: 'busy', until: leaseUntil() }, FRESH]);
      });

      test('is taken over by one of many when its lease has run out, as one that may have been sent', async () => {
        await claim(ledgerOf('dead'), ...keysOf(25));
        clock.pass(LEASE_MS);
        const owners = Array.from({ length: 16 }, (_, index) => ledgerOf(`worker-${index}`));
        for (const claims of (await holders(owners, keysOf(25))).values())
          expect(claims).toEqual([{ state: 'claimed', unknown: true, attempts: 1, ...NEVER_FAILED }]);
      });

      test('is refused to a message with another body, whatever became of the first', async () => {
        const [a, b] = [ledgerOf('a'), ledgerOf('b')];
        await claim(a, 'claimed', 'delivered', 'open');
        await a.settle([settlement('delivered', 'delivered'), settlement('open', 'open')]);
        const forged = ['claimed', 'delivered', 'open'].map((key) => ({
          ...message(key),
          bodyHash: 'another',
        }));
        expect(await claim(b, ...forged)).toEqual(Array(3).fill({ state: 'mismatch' }));
      });

      test.each([
        ['quotes', `it's "quoted" \\ ?`],
        ['several lines', 'a\r\nb\u2028c'],
        ['emoji', '🛟'],
        ['the sign that divides', '#1##'],
        ['3,000 characters', 'x'.repeat(3_000)],
      ])('takes a key of %s', async (_, key) => {
        expect(await claim(ledgerOf('a'), key)).toEqual([FRESH]);
        await ledgerOf('a').settle([settlement(key, 'delivered')]);
        expect(await claim(ledgerOf('b'), key)).toMatchObject([{ state: 'done' }]);
      });
    });

    describe('a lease', () => {
      test('lasts as long as it is extended', async () => {
        const [a, b] = [ledgerOf('a'), ledgerOf('b')];
        await claim(a, 'x');
        clock.pass(LEASE_MS - 1);
        expect(await a.extend(['x'], leaseUntil())).toEqual([true]);
        clock.pass(LEASE_MS - 1);
        expect(await claim(b, 'x')).toMatchObject([{ state: 'busy' }]);
        clock.pass(1);
        expect(await claim(b, 'x')).toMatchObject([{ state: 'claimed', unknown: true }]);
      });

      test('cannot be extended once it is another’s, or settled, or nobody’s', async () => {
        const [a, b] = [ledgerOf('a'), ledgerOf('b')];
        await claim(a, 'lost', 'settled', 'kept');
        await a.settle([settlement('settled', 'delivered')]);
        clock.pass(LEASE_MS);
        await claim(b, 'lost');
        expect(await a.extend(['lost', 'settled', 'never', 'kept'], leaseUntil())).toEqual([
          false,
          false,
          false,
          true,
        ]);
      });
    });

    describe('a settlement', () => {
      test('as delivered makes every later message with the key a duplicate, and tells who delivered', async () => {
        const a = ledgerOf('a');
        await claim(a, 'x');
        expect(await a.settle([settlement('x', 'delivered', 4)])).toEqual([]);
        const done = { state: 'done', as: 'delivered', by: { owner: 'a', number: 4 } };
        for (const owner of ['a', 'b'])
          expect(await claim(ledgerOf(owner), 'x')).toEqual([{ ...done, sameMessage: true }]);
        expect(await claim(ledgerOf('b'), message('x', 'redriven'))).toEqual([
          { ...done, sameMessage: false },
        ]);
      });

      test('as open frees the key at once, as unknown too, and what may have been sent is never forgotten', async () => {
        const settledAs = async (owner: string, as: Settlement['as']) => {
          const ledger = ledgerOf(owner);
          const claims = await claim(ledger, 'x');
          await ledger.settle([settlement('x', as)]);
          return claims[0];
        };
        expect(await settledAs('a', 'open')).toEqual(FRESH);
        expect(await settledAs('b', 'unknown')).toEqual({
          state: 'claimed',
          unknown: false,
          attempts: 1,
          ...NEVER_FAILED,
        });
        expect(await settledAs('c', 'open')).toEqual({
          state: 'claimed',
          unknown: true,
          attempts: 2,
          ...NEVER_FAILED,
        });
        expect(await settledAs('a', 'delivered')).toEqual({
          state: 'claimed',
          unknown: true,
          attempts: 3,
          ...NEVER_FAILED,
        });
      });

      test('as failed is counted once a run, and only where the target accepted others; the run that asks is not counted', async () => {
        const failedIn = async (owner: string, acceptsOthers: boolean) => {
          const ledger = ledgerOf(owner);
          const [found] = await claim(ledger, 'x');
          if (found?.state !== 'claimed') throw new Error('the key is free');
          const { failedBefore, failedRuns } = found;
          await ledger.settle([
            { ...settlement('x', 'open'), failure: { failedBefore, failedRuns, acceptsOthers } },
          ]);
          return { failedBefore, failedRuns };
        };
        expect(await failedIn('run-1/canary', false)).toEqual({ failedBefore: false, failedRuns: 0 });
        expect(await failedIn('run-2/canary', false)).toEqual({ failedBefore: true, failedRuns: 0 });
        expect(await failedIn('run-2/0', true)).toEqual({ failedBefore: true, failedRuns: 0 });
        expect(await failedIn('run-2/1', true)).toEqual({ failedBefore: true, failedRuns: 0 });
        expect(await failedIn('run-3/canary', false)).toEqual({ failedBefore: true, failedRuns: 1 });
        expect(await failedIn('run-3/0', true)).toEqual({ failedBefore: true, failedRuns: 1 });
        expect(await failedIn('run-4/0', true)).toEqual({ failedBefore: true, failedRuns: 2 });
      });

      test('as open without a failure keeps what earlier failures left', async () => {
        const [first, second, third] = [ledgerOf('run-1'), ledgerOf('run-2'), ledgerOf('run-3')];
        await claim(first, 'x');
        const failure = { failedBefore: false, failedRuns: 0, acceptsOthers: true };
        await first.settle([{ ...settlement('x', 'open'), failure }]);
        await claim(second, 'x');
        await second.settle([settlement('x', 'open')]);
        expect(await claim(third, 'x')).toMatchObject([{ failedBefore: true, failedRuns: 1 }]);
      });

      test('as open does not make forgotten what a dead worker may have sent', async () => {
        const [heir, later] = [ledgerOf('heir'), ledgerOf('later')];
        await claim(ledgerOf('dead'), 'x');
        clock.pass(LEASE_MS);
        await claim(heir, 'x');
        await heir.settle([settlement('x', 'open')]);
        expect(await claim(later, 'x')).toEqual([
          { state: 'claimed', unknown: true, attempts: 2, ...NEVER_FAILED },
        ]);
      });

      test('stands for the message that was claimed last: one that was moved has a new id', async () => {
        const heir = ledgerOf('heir');
        await claim(ledgerOf('dead'), 'x');
        clock.pass(LEASE_MS);
        await claim(heir, message('x', 'redriven'));
        await heir.settle([{ ...settlement('x', 'delivered'), messageId: 'redriven' }]);
        expect(await claim(ledgerOf('c'), message('x', 'redriven'))).toMatchObject([{ sameMessage: true }]);
        expect(await claim(ledgerOf('c'), 'x')).toMatchObject([{ sameMessage: false }]);
      });

      test('records a delivery also where the lease was lost, and its holder hears of it', async () => {
        const [a, b] = [ledgerOf('a'), ledgerOf('b')];
        await claim(a, 'x', 'y', 'z');
        clock.pass(LEASE_MS);
        await claim(b, message('x', 'redriven'), 'y');
        await b.settle([settlement('y', 'open')]);
        expect(await a.settle(['x', 'y', 'z'].map((key) => settlement(key, 'delivered', 3)))).toEqual([]);
        const byA = { state: 'done', as: 'delivered', by: { owner: 'a', number: 3 }, sameMessage: true };
        expect(await claim(ledgerOf('c'), 'x', 'y', 'z')).toMatchObject([byA, byA, byA]);
        expect(await b.settle([settlement('x', 'open', 9)])).toEqual(['x']);
        expect(await b.settle([settlement('x', 'delivered', 9)])).toEqual(['x']);
        expect(await claim(ledgerOf('c'), 'x')).toMatchObject([byA]);
      });

      test('of what a dead worker recorded goes to one of those who would count it', async () => {
        const [dead, b, c] = [ledgerOf('dead'), ledgerOf('b'), ledgerOf('c')];
        await claim(dead, 'x', 'y');
        await dead.settle([settlement('x', 'delivered', 2), settlement('y', 'quarantined', 2)]);
        const from = { owner: 'dead', number: 2 };
        const counted = [
          { ...settlement('x', 'delivered', 7), from },
          { ...settlement('y', 'quarantined', 7), from },
        ];
        const answers = await Promise.all([b, c].map((ledger) => ledger.settle(counted)));
        for (const key of ['x', 'y']) expect(answers.filter((lost) => !lost.includes(key))).toHaveLength(1);
        const [winner, loser] = answers[0]?.includes('x') ? (['c', 'b'] as const) : (['b', 'c'] as const);
        expect(await claim(ledgerOf('d'), 'x')).toEqual([
          { state: 'done', as: 'delivered', by: { owner: winner, number: 7 }, sameMessage: true },
        ]);
        // Told again, where an answer was lost.
        const again = counted.slice(0, 1);
        expect(await ledgerOf(winner).settle(again)).toEqual([]);
        expect(await ledgerOf(loser).settle(again)).toEqual(['x']);
      });

      test.each(['open', 'unknown', 'quarantined'] as const)(
        'as %s changes nothing where the lease was lost',
        async (as) => {
          const [a, b] = [ledgerOf('a'), ledgerOf('b')];
          await claim(a, 'held', 'delivered');
          clock.pass(LEASE_MS);
          await claim(b, 'held', 'delivered');
          await b.settle([settlement('delivered', 'delivered')]);
          expect(await a.settle([settlement('held', as), settlement('delivered', as)])).toEqual([
            'held',
            'delivered',
          ]);
          expect(await claim(ledgerOf('c'), 'held', 'delivered')).toMatchObject([
            { state: 'busy' },
            { state: 'done', as: 'delivered', by: { owner: 'b' } },
          ]);
          expect(await b.extend(['held'], leaseUntil())).toEqual([true]);
        },
      );

      test('told again changes nothing', async () => {
        const a = ledgerOf('a');
        await claim(a, 'x', 'y');
        const settlements = [settlement('x', 'delivered', 2), settlement('y', 'unknown', 2)];
        expect(await a.settle(settlements)).toEqual([]);
        clock.pass(10_000);
        expect(await a.settle(settlements)).toEqual([]);
        expect(await claim(ledgerOf('b'), 'x', 'y')).toEqual([
          { state: 'done', as: 'delivered', by: { owner: 'a', number: 2 }, sameMessage: true },
          { state: 'claimed', unknown: true, attempts: 1, ...NEVER_FAILED },
        ]);
      });

      test('of a key without a record is an error', async () => {
        await expect(ledgerOf('a').settle([settlement('gone', 'delivered')])).rejects.toMatchObject({
          name: 'LedgerDamaged',
        });
      });
    });

    describe('the ledger', () => {
      test('answers for each of very many keys, in their order', async () => {
        const [a, b] = [ledgerOf('a'), ledgerOf('b')];
        const keys = keysOf(230);
        const isOfB = (_: unknown, index: number) => index % 3 === 0;
        const [ofB, ofA] = [keys.filter(isOfB), keys.filter((key, index) => !isOfB(key, index))];
        expect(await claim(b, ...ofB)).toEqual(ofB.map(() => FRESH));
        const answers = (await claim(a, ...keys)).map(({ state }) => state);
        expect(answers).toEqual(keys.map((key, index) => (isOfB(key, index) ? 'busy' : 'claimed')));
        expect(await a.extend(keys, leaseUntil())).toEqual(keys.map((key, index) => !isOfB(key, index)));
        expect(await a.settle(ofA.map((key) => settlement(key, 'delivered')))).toEqual([]);
        expect((await claim(b, ...ofA)).map(({ state }) => state)).toEqual(ofA.map(() => 'done'));
      });

      test('refuses a key that is in one call twice', async () => {
        const a = ledgerOf('a');
        const twice = /in one batch twice/;
        await expect(claim(a, 'x', 'x')).rejects.toThrow(twice);
        await claim(a, 'x');
        await expect(a.extend(['x', 'x'], leaseUntil())).rejects.toThrow(twice);
        await expect(a.settle([settlement('x', 'open'), settlement('x', 'delivered')])).rejects.toThrow(
          twice,
        );
      });
    });
  });
}
