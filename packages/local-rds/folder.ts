import path from 'node:path';
import { type Layout, layoutOf } from './engine/layout.ts';
import { sweep } from './engine/sweep.ts';

/* What another program may do with the folder of an RDS that runs, or that has ended. */

/** Where the certificate of the authority is, as PEM. */
export const caFileIn = (folder: string): string => path.join(engineIn(folder).certificates, 'ca.crt');

/** Ends the servers that a killed program left behind. Only for a folder in which no program works. */
export async function endServersIn(folder: string): Promise<void> {
  await sweep(engineIn(folder));
}

const engineIn = (folder: string): Layout => layoutOf(path.join(folder, 'engine'));
