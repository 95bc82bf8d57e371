import * as z from 'zod';
import { Label } from '../../backup/label.ts';
import { Incident } from '../../evidence/incident.ts';
import { CopyHandedOver } from '../../handover/step-answers.ts';
import { backupOf, databaseOf, restoreOf } from '../../plan/lookup.ts';
import { worstLossOf } from '../../plan/promises.ts';
import { longestGap } from '../../plan/values/longest-gap.ts';
import {
  RecoveryPointChosen,
  ScratchCreated,
  ScratchDropped,
  ScratchLoaded,
} from '../../restore/step-answers.ts';
import { RestoreValidated } from '../../validation/step-answers.ts';
import { FailedStep } from '../failed-step.ts';
import { defineKind } from '../kind.ts';
import { chosenLabelFacts, dataFact, noticeFacts, recoveryPointFact } from '../recovery-facts.ts';
import { NO_CAUSE } from '../unwrap-cause.ts';

/** Restores a recovery point into a new database that stays. */
export const restore = defineKind({
  name: 'restore',
  input: z.object({
    /** A place of the plan to restore to. */
    restore: z.string().min(1),
    /** The name of the new database. Nothing of that name may exist. */
    into: z.string().min(1),
    /** `newest verified` if absent; `newest`, or the id of a recovery point. */
    choose: z.string().min(1).optional(),
    /** Only recovery points from before this time; from before the incident or the run if absent. */
    at: z.iso.datetime().optional(),
    /** Tables and schemas, such as `public.contacts` or `public`: only they are restored. Everything if absent or empty. */
    only: z.array(z.string().min(1)).optional(),
    /** The newest recovery point that has this label, verified or not. `newest verified` and `at` narrow it down. */
    label: Label.optional(),
    incident: Incident.optional(),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
  }),
  steps: {
    choose: { answer: RecoveryPointChosen, words: 'choose' },
    create: { answer: ScratchCreated, words: 'create' },
    load: { answer: ScratchLoaded, words: 'load' },
    validate: { answer: RestoreValidated, words: 'validate', leavesChecks: true },
    handOver: { answer: CopyHandedOver, words: 'hand over', leavesChecks: true },
    tearDown: { answer: z.union([ScratchDropped, FailedStep]), words: 'tear down' },
  },
  outcomes: {
    restored: { words: 'restored and handed over', severity: 'info', exit: 'good' },
    /** The copy stays until its expiry, under its provisional name, so that a person can look at it. */
    rejected: { words: 'backup rejected', severity: 'critical', exit: 'bad', fail: 'CopyRejected' },
    /** The name is taken, no database can have it, or `only` names what is not in the recovery point. Nothing is left. */
    refused: { words: 'restore refused', severity: 'error', exit: 'not-proven', fail: 'RestoreRefused' },
    'not-proven': {
      words: 'restore not proven',
      severity: 'error',
      exit: 'not-proven',
      fail: 'CopyNotProven',
    },
    /** The copy is verified and has not got its name. It stays until its expiry. */
    'not-handed-over': {
      words: 'restored copy not handed over',
      severity: 'error',
      exit: 'not-proven',
      fail: 'CopyNotHandedOver',
    },
  },
  progress: 'tasks',
  leftBehind({ steps: { create, tearDown } }) {
    if (!tearDown || 'dropped' in tearDown) return null;
    return `the copy ${create?.scratch ?? 'of this run, if it was created,'} was not dropped: ${tearDown.failure.cause ?? NO_CAUSE}`;
  },
  recovery({ outcome, subject, steps: { handOver } }, plan) {
    const restored = outcome === 'restored' ? handOver : undefined;
    const { from, scenario, freshness } = restoreOf(plan, subject);
    const database = databaseOf(plan, from.database);
    const gap = longestGap(backupOf(database, from.backup).schedule);
    return {
      scenario,
      recoveredTo: restored?.validated.recoveredTo ?? null,
      // Nobody can use it before.
      usableAt: restored?.finishedAt ?? null,
      taken: { worstLoss: worstLossOf(database), oldest: gap === null ? null : gap + freshness },
    };
  },
  verified({ outcome, subject, recoveryPoint, steps }, plan) {
    // A part that came back says nothing of the rest.
    if ((steps.handOver?.validated ?? steps.validate)?.only) return null;
    if ((outcome !== 'restored' && outcome !== 'not-handed-over') || recoveryPoint === null) return null;
    return { ...restoreOf(plan, subject).from, recoveryPoint };
  },
  facts: ({ outcome, steps, recoveryPoint }) => [
    ...(steps.load ? [dataFact(steps.load), ...noticeFacts(steps.load)] : []),
    recoveryPointFact(recoveryPoint),
    ...(steps.choose ? chosenLabelFacts(steps.choose) : []),
    ...partFact(steps.handOver?.validated.only ?? steps.validate?.only),
    ...(steps.handOver
      ? [
          { label: 'database', text: `${steps.handOver.database}, owned by ${steps.handOver.owner}` },
          {
            label: 'connection',
            text: `login ${steps.handOver.login}, in the secret ${steps.handOver.secret}`,
          },
          ...(steps.handOver.grantsLeftOut ?? []).map((sql) => ({ label: 'left out', text: sql })),
        ]
      : []),
    ...(steps.create && steps.load && !steps.tearDown && outcome !== 'restored'
      ? [
          {
            label: 'copy',
            text: `${steps.create.scratch}, to look at until ${steps.create.expiresAt}, when it is dropped`,
          },
        ]
      : []),
  ],
});

function partFact(only: readonly string[] | undefined): { label: string; text: string }[] {
  return only ? [{ label: 'only', text: only.join(', ') }] : [];
}
