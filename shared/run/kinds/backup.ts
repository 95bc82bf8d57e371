import * as z from 'zod';
import { Label } from '../../backup/label.ts';
import {
  BackupProven,
  DatabaseCopied,
  PointInTimeLookedAfter,
  SnapshotAdvanced,
  SnapshotsPruned,
} from '../../backup/step-answers.ts';
import { FailedStep } from '../failed-step.ts';
import { defineKind } from '../kind.ts';
import { dataFact, labelFacts, pointInTimeFact, recoveryPointFact, snapshotFact } from '../recovery-facts.ts';

/** Takes a backup and proves that the vault keeps it. */
export const backup = defineKind({
  name: 'backup',
  input: z.object({
    database: z.string().min(1),
    backup: z.string().min(1),
    /** What a person calls the recovery point. */
    label: Label.optional(),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
  }),
  steps: {
    // Evidence of the first versions does not name the backup, has no summary, and does not say until when it is kept.
    copy: { answer: DatabaseCopied.partial({ backup: true }), words: 'copy' },
    snapshot: { answer: SnapshotAdvanced, words: 'snapshot' },
    pointInTime: { answer: PointInTimeLookedAfter, words: 'point in time' },
    prove: { answer: BackupProven.partial({ summary: true, keptUntil: true }), words: 'prove' },
    prune: { answer: z.union([SnapshotsPruned, FailedStep]), words: 'prune' },
  },
  outcomes: {
    taken: { words: 'backup taken', severity: 'info', exit: 'good' },
    failed: { words: 'backup failed', severity: 'error', exit: 'bad', fail: 'BackupFailed' },
  },
  progress: 'tasks',
  taken({ outcome, subject, steps: { copy, snapshot } }) {
    const taken = copy ?? snapshot;
    if (outcome !== 'taken' || !taken?.backup || taken.recoveryPoint === null) return null;
    const bytes = copy?.rawBytes ?? (snapshot?.gibibytes ?? 0) * 2 ** 30;
    return { database: subject, backup: taken.backup, recoveryPoint: taken.recoveryPoint, bytes };
  },
  labelled({ outcome, subject, steps: { copy, snapshot, pointInTime } }) {
    const taken = copy ?? snapshot ?? pointInTime;
    if (outcome !== 'taken' || !taken?.backup || !taken.recoveryPoint || !taken.label) return null;
    const { backup, recoveryPoint, label } = taken;
    return { database: subject, backup, recoveryPoint, label };
  },
  facts: ({ steps, recoveryPoint }) => [
    ...(steps.copy ? [dataFact(steps.copy)] : []),
    ...(steps.snapshot ? [snapshotFact(steps.snapshot)] : []),
    ...(steps.pointInTime ? [pointInTimeFact(steps.pointInTime)] : []),
    recoveryPointFact(recoveryPoint),
    ...labelFacts((steps.copy ?? steps.snapshot ?? steps.pointInTime)?.label),
  ],
});
