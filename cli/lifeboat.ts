import { main } from './main.ts';

// The reader of stdout may close it early: `lifeboat status mailblast | head`. The run continues.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

process.exitCode = await main(process.argv);
