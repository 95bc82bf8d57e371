import path from 'node:path';

/** What this package makes for itself where no other folder is named. Git-ignored; may be deleted when nothing runs. */
export const workFolder = path.join(import.meta.dirname, '.local-rds');
