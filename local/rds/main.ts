import { enableCompileCache } from 'node:module';

// A second start finds every file compiled.
enableCompileCache();
const { main } = await import('./program.ts');
await main(process.argv);
