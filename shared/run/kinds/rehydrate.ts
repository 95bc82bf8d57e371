import * as z from 'zod';
import { QueueFilled } from '../../rehydration/step-answers.ts';
import { defineKind } from '../kind.ts';

/** Fills a queue again from rows of the database, each row once. */
export const rehydrate = defineKind({
  name: 'rehydrate',
  input: z.object({
    rehydration: z.string().min(1),
    /** Counts the rows and sends nothing. */
    dryRun: z.boolean().optional(),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
  }),
  steps: {
    // Evidence of the first versions has the counts alone.
    fill: { answer: QueueFilled.partial({ outcome: true, summary: true }), words: 'fill' },
  },
  outcomes: {
    rehydrated: { words: 'queue filled again', severity: 'info', exit: 'good' },
    /** Each row was there before, or there was none. A person who expected a filled queue must look. */
    'nothing-sent': { words: 'nothing sent', severity: 'warning', exit: 'good' },
    'dry-run': { words: 'dry run', severity: 'info', exit: 'good' },
    failed: { words: 'queue not filled', severity: 'error', exit: 'bad', fail: 'RehydrationFailed' },
  },
  progress: 'tasks',
  facts: () => [],
});
