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
    copy: { answer: DatabaseCopied, words: 'copy' },
    // Evidence of the first versions has no summary.
    prove: { answer: BackupProven.partial({ summary: true }), words: 'prove' },
  },
  outcomes: {
    taken: { words: 'backup taken', severity: 'info', exit: 'good' },
    failed: { words: 'backup failed', severity: 'error', exit: 'bad', fail: 'BackupFailed' },
  },
  progress: 'tasks',
  facts: ({ steps, recoveryPoint }) => [
    ...(steps.copy ? [dataFact(steps.copy)] : []),
    recoveryPointFact(recoveryPoint),
  ],
});
