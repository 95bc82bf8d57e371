import path from 'node:path';

/** The checkout's root, independent of the current directory. */
export const projectFolder = path.resolve(import.meta.dirname, '..');

/** Everything that local runs create for themselves. Git-ignored; may be deleted when nothing runs. */
export const workFolder = path.join(projectFolder, '.lifeboat');

/** Node 24 from npm, if installed: Lambdas and tools find it first on PATH. */
export const nodeBinFolder = path.join(projectFolder, 'node_modules', '.bin');
