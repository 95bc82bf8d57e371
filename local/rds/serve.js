import { enableCompileCache } from 'node:module';

/*
 * The program that `start.ts` runs in a run of the local AWS: the RDS of an account whose users, roles and keys MiniStack has.
 */
enableCompileCache();
const { serve } = await import('./serve-account.ts');
await serve();
