import * as z from 'zod';
import { ChangesRefused, RecoveryPointRead, RecoveryPointToRead } from '../../backup/step-answers.ts';
import { defineKind } from '../kind.ts';
import { bytes, count } from '../quantity.ts';
import { recoveryPointFact } from '../recovery-facts.ts';

/** Reads every byte of a recovery point again, and proves that the vault lets nobody delete it. Needs no database. */
export const verify = defineKind({
  name: 'verify',
  input: z.object({
    database: z.string().min(1),
    backup: z.string().min(1),
    /** `in-turn`, `newest`, or the id of a recovery point; as planned if absent. */
    choose: z.string().optional(),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
  }),
  steps: {
    choose: { answer: RecoveryPointToRead, words: 'choose' },
    read: { answer: RecoveryPointRead, words: 'read' },
    change: { answer: ChangesRefused, words: 'try to change' },
  },
  outcomes: {
    intact: { words: 'recovery point intact', severity: 'info', exit: 'good' },
    damaged: {
      words: 'recovery point damaged',
      severity: 'critical',
      exit: 'bad',
      fail: 'RecoveryPointNotIntact',
    },
    unprotected: { words: 'vault unprotected', severity: 'critical', exit: 'bad', fail: 'VaultNotProtected' },
    'not-proven': {
      words: 'recovery point not read',
      severity: 'error',
      exit: 'not-proven',
      fail: 'RecoveryPointNotRead',
    },
  },
  progress: 'tasks',
  read({ outcome, subject, steps: { choose, read } }) {
    // What is unprotected can have been read to its end. Without a note, runs in turn would read it again and again.
    const isRead = outcome === 'intact' || (outcome === 'unprotected' && read?.next === null);
    if (!isRead || !choose) return null;
    const { backup, recoveryPoint } = choose;
    return { database: subject, backup, recoveryPoint };
  },
  facts: ({ steps: { choose, read, change }, recoveryPoint }) => [
    recoveryPointFact(recoveryPoint),
    ...(read ? [{ label: 'read', text: readInWords(read) }] : []),
    ...(read ? [{ label: 'locked until', text: lockInWords(read) }] : []),
    ...(change ? [{ label: 'refused', text: change.refused.join(', ') }] : []),
    ...(choose && choose.hidden.length > 0 ? [{ label: 'hidden', text: choose.hidden.join(', ') }] : []),
  ],
});

function readInWords({ next, objects, storedBytes }: z.infer<typeof RecoveryPointRead>): string {
  const all = count(objects, 'object');
  return next === null ? `${all}, ${bytes(storedBytes)}` : `${next} of ${all}, ${bytes(storedBytes)}`;
}

function lockInWords({ lockedUntil, keptUntil }: z.infer<typeof RecoveryPointRead>): string {
  return lockedUntil < keptUntil
    ? `${lockedUntil}, but the plan keeps it until ${keptUntil}: its lock ends before`
    : lockedUntil;
}
