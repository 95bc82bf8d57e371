import path from 'node:path';

/** The checkout, whatever the current directory is. */
export const projectFolder = path.resolve(import.meta.dirname, '..');

/** Everything a local run makes for itself. Git-ignored; may be deleted when nothing runs. */
export const workFolder = path.join(projectFolder, '.lifeboat');

/** Node 24 from npm, when it is installed: Lambdas and tools find it first on PATH. */
export const nodeBinFolder = path.join(projectFolder, 'node_modules', '.bin');
