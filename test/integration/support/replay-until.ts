// A replay worker that hangs at the given point, reports the keys received so far, and waits until it is killed.
import { type DrainPorts, drain } from '../../../shared/replay/worker/drain.ts';
import { openWorker, orderOf, type Workplace } from './replay-worker.ts';

export interface Hanging {
  readonly place: Workplace;
  readonly runId: string;
  readonly owner: string;
  /** The operation after which it hangs, and on which occurrence. */
  readonly after: 'claiming' | 'sending' | 'recording' | 'saving' | 'deleting';
  readonly times: number;
}

const { place, runId, owner, after, times }: Hanging = JSON.parse(process.argv[2] ?? '');
let passed = 0;

async function hang(point: Hanging['after'], keys: readonly string[]): Promise<void> {
  if (point !== after || ++passed < times) return;
  // Whatever comes to the same point at the same time hangs as well, and goes no further.
  if (passed === times) process.stdout.write(`${JSON.stringify(keys)}\n`);
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}

const { ports } = await openWorker(place, runId, owner);
const recorded: string[] = [];
const hanging: DrainPorts = {
  ...ports,
  ledger: {
    ...ports.ledger,
    async claim(wanted, leaseUntil) {
      const claims = await ports.ledger.claim(wanted, leaseUntil);
      await hang(
        'claiming',
        wanted.map(({ key }) => key),
      );
      return claims;
    },
    async settle(settlements) {
      const lost = await ports.ledger.settle(settlements);
      recorded.push(...settlements.map(({ key }) => key));
      await hang('recording', recorded);
      return lost;
    },
  },
  target: {
    ...ports.target,
    async deliver(message, key, signal) {
      const delivery = await ports.target.deliver(message, key, signal);
      await hang('sending', [key]);
      return delivery;
    },
  },
  accounts: {
    ...ports.accounts,
    async save(...saving) {
      await ports.accounts.save(...saving);
      await hang('saving', recorded);
    },
  },
  queue: {
    ...ports.queue,
    async delete(messages) {
      const failed = await ports.queue.delete(messages);
      await hang('deleting', recorded);
      return failed;
    },
  },
};
await drain(hanging, orderOf(place, runId, owner), new AbortController().signal);
