import { enableCompileCache } from 'node:module';

/*
 * The program that `start.ts` runs for the local AWS: the RDS of an account. MiniStack holds its users, roles and keys.
 */
enableCompileCache();
const { serve } = await import('./serve-account.ts');
await serve();
