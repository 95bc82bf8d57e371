import { main } from './main.ts';

// Whoever reads may stop reading: `lifeboat status mailblast | head`. What runs goes on, unread.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

process.exitCode = await main(process.argv);
