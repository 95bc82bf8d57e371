import { describe, expect, test } from 'vitest';
import type { KeyStatus } from '../../../../shared/ledger/key-status.ts';
import type { ClaimRequest } from '../../../../shared/ledger/ledger.ts';
import { parseExpression } from '../../../../shared/plan/values/expression.ts';
import {
  FilterFails,
  type SelectionRules,
} from '../../../../shared/replay/message/send-leave-or-quarantine.ts';
import { inspect } from '../../../../shared/replay/queue/inspect.ts';
import { memoryQueue } from '../memory-queue.ts';
import { virtualTimer } from '../virtual-timer.ts';

const RULES: SelectionRules = {
  format: 'any',
  key: parseExpression('body.id'),
  filters: [],
  maxAge: null,
  sendsRecords: false,
  sources: undefined,
};
const never = new AbortController().signal;

/** A queue with these messages, and a ledger that knows of some keys. */
function open(bodies: readonly object[], known: Readonly<Record<string, KeyStatus>> = {}) {
  const clock = virtualTimer();
  const { queue } = memoryQueue(
    clock,
    bodies.map((body) => ({ body: JSON.stringify(body) })),
  );
  const readKeyStatus = async (wanted: readonly ClaimRequest[]) =>
    wanted.map(({ key }) => known[key] ?? 'new');
  const visible = async () => (await queue.inspect()).visible;
  return { queue, readKeyStatus, clock, visible };
}

const numbered = (count: number) => Array.from({ length: count }, (_, id) => ({ id: `k${id}` }));

describe('an inspection', () => {
  test('says what would become of each message, and shows all again', async () => {
    const filter = { text: 'body.wanted', holds: parseExpression('body.wanted != `false`') };
    const it = open(
      [
        { id: 'new' },
        { id: 'new' },
        { id: 'new', other: 'body' },
        { id: 'done' },
        { id: 'busy' },
        { id: 'unknown' },
        { id: 'mismatch' },
        { id: null },
        { id: 'x', wanted: false },
      ],
      { done: 'done', busy: 'busy', unknown: 'unknown', mismatch: 'mismatch' },
    );
    const found = await inspect(it, { ...RULES, filters: [filter] }, { atMost: 100, signal: never });
    expect(found).toMatchObject({
      read: 9,
      wouldBe: { deliver: 2, duplicate: 2, mismatch: 2, busy: 1, 'key-missing': 1, filtered: 1 },
      state: { visible: 9 },
    });
    expect(await it.visible()).toBe(9);
  });

  test('reads no more than it was asked for', async () => {
    const it = open(numbered(40));
    expect(await inspect(it, RULES, { atMost: 15, signal: never })).toMatchObject({ read: 15 });
    expect(await it.visible()).toBe(40);
  });

  test('of nothing has no oldest', async () => {
    expect(await inspect(open([]), RULES, { atMost: 10, signal: never })).toMatchObject({
      read: 0,
      wouldBe: {},
      oldest: null,
    });
  });

  test('ends where the first messages come a second time, because reading takes longer than they are hidden', async () => {
    const it = open(numbered(300));
    const queue: typeof it.queue = {
      ...it.queue,
      async receive(options) {
        await it.clock.sleep(4_000);
        return it.queue.receive(options);
      },
    };
    const { read } = await inspect({ ...it, queue }, RULES, { atMost: 1_000, signal: never });
    expect(read).toBeGreaterThan(100);
    expect(read).toBeLessThan(200);
    expect(await it.visible()).toBe(300);
  });

  test('that cannot read on shows what it had read', async () => {
    const it = open(numbered(30));
    let receives = 0;
    const queue: typeof it.queue = {
      ...it.queue,
      async receive(options) {
        receives += 1;
        if (receives === 3) throw new Error('nobody answers');
        return it.queue.receive(options);
      },
    };
    await expect(inspect({ ...it, queue }, RULES, { atMost: 100, signal: never })).rejects.toThrow(
      'nobody answers',
    );
    expect(await it.visible()).toBe(30);
  });

  test('whose filter cannot be applied shows what it had read', async () => {
    const it = open(numbered(30));
    const filters = [{ text: 'length(body.n)', holds: parseExpression('length(body.n)') }];
    const inspecting = inspect(it, { ...RULES, filters }, { atMost: 100, signal: never });
    await expect(inspecting).rejects.toThrow(FilterFails);
    expect(await it.visible()).toBe(30);
  });
});
