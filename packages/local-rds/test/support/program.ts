import { startRds } from '../../start-rds.ts';

/*
 * A local RDS as a program of its own, for tests that kill it. Says on its output where it listens. With "hold" everything that
 * enters a state stays there until the end of the program.
 */

const [folder = '', sitePackages = '', held] = process.argv.slice(2);

const rds = await startRds({
  folder,
  sitePackages,
  archiveEveryMs: 500,
  pace: {
    // What the start itself takes up goes on.
    hold: ({ status }) =>
      held === 'hold' && status !== 'starting' ? new Promise(() => {}) : Promise.resolve(),
  },
});
process.stdout.write(`${JSON.stringify({ endpoint: rds.endpoint })}\n`);
