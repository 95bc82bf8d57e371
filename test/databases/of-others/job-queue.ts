import PgBoss from 'pg-boss';
import type { LoadDatabase } from './of-others.ts';

/** pg-boss (MIT), a job queue: a table partitioned by queue, whose partitions a function of its own creates. */
export const jobQueue: LoadDatabase = async ({ owner }) => {
  const boss = new PgBoss({ ...owner, schedule: false, supervise: false });
  await boss.start();
  try {
    for (const queue of ['email', 'billing', 'odd-queue']) {
      await boss.createQueue(queue, { name: queue, policy: queue === 'billing' ? 'singleton' : 'standard' });
      for (let n = 0; n < 50; n += 1)
        await boss.send(queue, { n, text: `job ${n} – "quoted"` }, { priority: n % 3 });
    }
    for (const job of await boss.fetch('email', { batchSize: 10 })) await boss.complete('email', job.id);
    await boss.fetch('billing');
    await boss.schedule('email', '0 3 * * *', { nightly: true });
    await boss.subscribe('paid', 'billing');
  } finally {
    await boss.stop({ graceful: false, wait: true, close: true });
  }
};
