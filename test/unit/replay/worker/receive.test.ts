import { describe, expect, test } from 'vitest';
import { createInFlight } from '../../../../shared/concurrency/in-flight.ts';
import { createEndings } from '../../../../shared/replay/worker/endings.ts';
import { receive } from '../../../../shared/replay/worker/receive.ts';
import { sendMany } from '../../../../shared/replay/worker/sending-policy.ts';
import { memoryQueue } from '../memory-queue.ts';
import { virtualTimer } from '../virtual-timer.ts';

const LEASE_MS = 30_000;
const never = new AbortController().signal;

/** A queue of so many messages, each of which is worked on for a second and then deleted. */
function open(count: number, policy: { max: number | null; held?: number }) {
  const clock = virtualTimer();
  const { queue, size } = memoryQueue(
    clock,
    Array.from({ length: count }, () => ({})),
  );
  const endings = createEndings();
  const inFlight = createInFlight();
  let most = 0;
  let worked = 0;
  const ports = {
    queue,
    policy: { ...sendMany({ inFlight: 10, max: policy.max }), ...(policy.held ? { held: policy.held } : {}) },
    inFlight,
    endings,
    async work({ message }: { message: Parameters<typeof queue.delete>[0][number] }) {
      await clock.sleep(1_000);
      most = Math.max(most, inFlight.count());
      worked++;
      await queue.delete([message]);
    },
  };
  return { ports, endings, size, most: () => most, worked: () => worked };
}

describe('receiving', () => {
  test('goes on until the queue is empty and all is done', async () => {
    const it = open(45, { max: null });
    await receive(it.ports, LEASE_MS, never);
    expect([it.worked(), it.size()]).toEqual([45, 0]);
    expect(it.endings.verdict().ended).toBe('empty');
  });

  test('holds no more messages than the policy allows and one receive brings', async () => {
    const it = open(60, { max: null, held: 15 });
    await receive(it.ports, LEASE_MS, never);
    expect(it.most()).toBeLessThan(15 + 10);
    expect(it.size()).toBe(0);
  });

  test('takes as many as it was asked for, and ends when they are done', async () => {
    const it = open(45, { max: 25 });
    await receive(it.ports, LEASE_MS, never);
    expect([it.worked(), it.size()]).toEqual([25, 20]);
    expect(it.endings.verdict()).toEqual({
      ended: 'count',
      reason: 'it took as many as it was asked for, 25',
    });
  });

  test('takes nothing once the worker ends', async () => {
    const it = open(45, { max: null });
    it.endings.stop('the target is unhealthy');
    await receive(it.ports, LEASE_MS, never);
    expect(it.worked()).toBe(0);
  });

  test('ends the worker for an error of its work', async () => {
    const it = open(5, { max: null });
    const work = async () => {
      throw new Error('the account is away');
    };
    await receive({ ...it.ports, work }, LEASE_MS, never);
    expect(it.endings.verdict()).toEqual({ ended: 'stopped', reason: 'Error: the account is away' });
  });
});
