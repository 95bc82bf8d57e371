import { main } from './main.ts';
import { endOnDefect, outliveReaders } from './process-end.ts';

outliveReaders();
endOnDefect();
process.exitCode = await main(process.argv);
