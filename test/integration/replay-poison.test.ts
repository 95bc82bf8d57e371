import { describe, expect, test } from 'vitest';
import { gone, worthAnotherRound } from '../../shared/replay/account/account.ts';
import { assessRound } from '../../shared/replay/round/assess-round.ts';
import type { WorkerAnswer } from '../../shared/replay/round/worker-answer.ts';
import type { Drained } from '../../shared/replay/worker/drain.ts';
import { canary, sendMany } from '../../shared/replay/worker/sending-policy.ts';
import { fieldCase } from '../cases/field-case.ts';
import { adds, LIMIT_MS, numbered, numberOf, open } from './support/open-replay.ts';
import { TAKEN } from './support/replay-receiver.ts';

type Opened = Awaited<ReturnType<typeof open>>;

const IS_POISON = (body: string) => numberOf(body) === 0;
const poisonThenGood = { react: ({ body }: { body: string }) => (IS_POISON(body) ? { status: 500 } : TAKEN) };

/** A whole replay as the state machine walks it: the canary, and rounds of one worker. */
async function replay(it: Opened) {
  const delivered: Drained[] = [];
  const shares = [{ rate: 1_000, inFlight: 10 }];
  let fruitlessBefore = 0;
  for (let number = 0; ; number++) {
    const policy = number === 0 ? canary(3) : sendMany({ inFlight: 10, max: null });
    const worker = await it.work({ policy });
    delivered.push(worker);
    const at = new Date(0).toISOString();
    const answer: WorkerAnswer = {
      ...worker,
      startedAt: at,
      finishedAt: at,
      settled: gone(worker.account),
      retryable: worthAnotherRound(worker.account),
    };
    const round = { number, workers: [answer], shares, fruitlessBefore, deadline: null, max: null };
    const { decision, fruitless } = assessRound(round, new Date());
    if (decision.next === 'settle') return { ...decision, workers: delivered };
    fruitlessBefore = fruitless;
  }
}

fieldCase(
  'B3',
  async (now) => {
    const it = await open(numbered(13), poisonThenGood);
    const first = await replay(it);
    expect(first.workers[0]?.ended).toBe('count');
    expect(await it.left()).toBe(1);
    expect(first).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('500') });

    it.nextRun();
    const second = await replay(it);
    const { messages } = await it.quarantine.list(10);
    now(
      `first replay: 12 delivered, 1 back in the queue; second replay: ${messages[0]?.kind}: ${messages[0]?.reason}`,
    );
    expect(second.outcome).toBe('replayed');
    expect(await it.left()).toBe(0);
    expect(messages).toMatchObject([
      {
        kind: 'failed-repeatedly',
        reason: expect.stringMatching(
          /^the target failed it in 2 runs and accepted others; the last time: .*500/,
        ),
      },
    ]);
    const [kept] = await Promise.all(messages.map(({ id }) => it.quarantine.show(id)));
    expect(kept?.message.body).toBe(JSON.stringify({ n: 0 }));
  },
  { timeoutMs: LIMIT_MS },
);

describe.concurrent('poison', () => {
  test(
    'that gets no answer goes to quarantine too, and the account says that it may have taken effect',
    async () => {
      const it = await open(numbered(4), {
        react: ({ body }) => (IS_POISON(body) ? { answer: 'cut', effect: false } : TAKEN),
      });
      await replay(it);
      it.nextRun();
      const second = await replay(it);
      expect(second.outcome).toBe('replayed');
      expect(await it.quarantine.list(10)).toMatchObject({
        total: 1,
        messages: [{ kind: 'failed-repeatedly' }],
      });
    },
    LIMIT_MS,
  );

  test(
    'is not blamed for a receiver that is down from the first message on, in however many runs',
    async () => {
      const it = await open(numbered(5), { react: () => ({ status: 503 }) });
      for (let run = 0; run < 3; run++) {
        const { outcome, reason, workers } = await replay(it);
        expect({ outcome, reason }).toEqual({
          outcome: 'stopped',
          reason: expect.stringMatching(/the canary failed.*503/),
        });
        expect(workers).toHaveLength(1);
        it.nextRun();
      }
      expect(await it.left()).toBe(5);
      expect(await it.quarantine.list(10)).toMatchObject({ total: 0 });
    },
    LIMIT_MS,
  );

  test(
    'of four messages at the head holds up the first replay alone; the next one goes past what it knows',
    async () => {
      const it = await open(numbered(20), {
        react: ({ body }) => ((numberOf(body) ?? 0) < 4 ? { status: 500 } : TAKEN),
      });
      let delivered = 0;
      for (let run = 0; run < 3 && (await it.left()) > 0; run++) {
        const { workers } = await replay(it);
        delivered += workers.reduce((sum, worker) => sum + adds(worker).delivered, 0);
        it.nextRun();
      }
      expect(delivered).toBe(16);
    },
    LIMIT_MS,
  );

  test(
    'that the target accepts in the second run is delivered, and its first failure has no consequence',
    async () => {
      let isUp = false;
      const it = await open(numbered(4), {
        react: ({ body }) => (IS_POISON(body) && !isUp ? { status: 500 } : TAKEN),
      });
      await replay(it);
      isUp = true;
      it.nextRun();
      expect((await replay(it)).outcome).toBe('replayed');
      expect(await it.left()).toBe(0);
      expect(await it.quarantine.list(10)).toMatchObject({ total: 0 });
    },
    LIMIT_MS,
  );
});
