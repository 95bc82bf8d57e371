import * as z from 'zod';
import { BackupProven, DatabaseCopied } from '../../backup/step-answers.ts';
import { defineKind } from '../kind.ts';
import { dataFact, recoveryPointFact } from '../recovery-facts.ts';

/** Takes a backup and proves that the vault keeps it. */
export const backup = defineKind({
  name: 'backup',
  input: z.object({
    database: z.string().min(1),
    backup: z.string().min(1),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
  }),
  steps: {
    // Evidence of the first versions does not name the backup, and has no summary.
    copy: { answer: DatabaseCopied.partial({ backup: true }), words: 'copy' },
    prove: { answer: BackupProven.partial({ summary: true }), words: 'prove' },
  },
  outcomes: {
    taken: { words: 'backup taken', severity: 'info', exit: 'good' },
    failed: { words: 'backup failed', severity: 'error', exit: 'bad', fail: 'BackupFailed' },
  },
  progress: 'tasks',
  taken: ({ outcome, subject, steps: { copy } }) =>
    outcome === 'taken' && copy?.backup
      ? {
          database: subject,
          backup: copy.backup,
          recoveryPoint: copy.recoveryPoint,
          bytes: copy.rawBytes,
        }
      : null,
  facts: ({ steps, recoveryPoint }) => [
    ...(steps.copy ? [dataFact(steps.copy)] : []),
    recoveryPointFact(recoveryPoint),
  ],
});
