// Drains a queue, and hangs at the point it is told, until somebody kills it.
import { SQSClient } from '@aws-sdk/client-sqs';
import { type DrainPorts, drain } from '../../../shared/replay/drain.ts';
import { orderOf, type Workplace, workerPorts } from './replay-worker.ts';

const { point, at }: { point: string; at: Workplace } = JSON.parse(process.argv[2] ?? '');

async function hang(here: string): Promise<void> {
  if (here !== point) return;
  process.stdout.write('here\n');
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}

const ports = await workerPorts(new SQSClient({}), at);
const hanging: DrainPorts = {
  ...ports,
  ledger: {
    ...ports.ledger,
    async claim(wanted, leaseUntil) {
      const claims = await ports.ledger.claim(wanted, leaseUntil);
      await hang('claimed');
      return claims;
    },
    async settle(settlements) {
      const lost = await ports.ledger.settle(settlements);
      await hang('recorded');
      return lost;
    },
  },
  target: {
    ...ports.target,
    async deliver(letter, key, signal) {
      const delivery = await ports.target.deliver(letter, key, signal);
      await hang('sent');
      return delivery;
    },
  },
  accounts: {
    ...ports.accounts,
    async save(batch, account, ended) {
      await ports.accounts.save(batch, account, ended);
      await hang('saved');
    },
  },
};
await drain(hanging, orderOf(at), new AbortController().signal);
