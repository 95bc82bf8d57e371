import * as z from 'zod';
import { Label } from '../../backup/label.ts';
import { Incident } from '../../evidence/incident.ts';
import { backupOf, databaseOf, instanceTestsOf, restoreTestOf } from '../../plan/lookup.ts';
import { longestGapOf, worstLossOf } from '../../plan/promises.ts';
import {
  InstanceDeleted,
  InstanceRead,
  InstanceRestored,
  RecoveryPointChosen,
  ScratchCreated,
  ScratchDropped,
  ScratchLoaded,
} from '../../restore/step-answers.ts';
import { RestoreValidated } from '../../validation/step-answers.ts';
import { FailedStep } from '../failed-step.ts';
import { defineKind } from '../kind.ts';
import { bytes } from '../quantity.ts';
import {
  chosenLabelFacts,
  dataFact,
  instanceFact,
  momentFacts,
  noticeFacts,
  recoveryPointFact,
} from '../recovery-facts.ts';
import { NO_CAUSE } from '../unwrap-cause.ts';

/** The shape in which evidence of the first versions kept a teardown that failed. */
const LeftToTheSweeper = z.object({ leftToTheSweeper: z.string() });

/** An instance costs money for as long as it is there, so that one is named whose deletion only was not seen to its end. */
function instanceLeftBehind(
  name: string,
  tearDown:
    | z.output<typeof InstanceDeleted | typeof ScratchDropped | typeof FailedStep | typeof LeftToTheSweeper>
    | undefined,
): string | null {
  if (tearDown && 'complete' in tearDown && tearDown.complete) return null;
  const why = () => {
    if (!tearDown) return 'the run did not come so far';
    if ('failure' in tearDown) return tearDown.failure.cause ?? NO_CAUSE;
    return 'waitingFor' in tearDown ? (tearDown.waitingFor ?? NO_CAUSE) : NO_CAUSE;
  };
  return `the scratch instance ${name} was not deleted: ${why()}`;
}

/** Restores a recovery point into a scratch database or a scratch instance and checks whether the data came back. */
export const restoreTest = defineKind({
  name: 'restore-test',
  input: z.object({
    restoreTest: z.string().min(1),
    /** `newest`, `random`, or the id of a recovery point; as planned if absent. */
    choose: z.string().optional(),
    /** The newest recovery point that has this label, verified or not. */
    label: Label.optional(),
    incident: Incident.optional(),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
  }),
  steps: {
    // In evidence of the first versions the database was the subject.
    choose: { answer: RecoveryPointChosen.partial({ database: true }), words: 'choose' },
    create: { answer: ScratchCreated, words: 'create' },
    load: { answer: ScratchLoaded, words: 'load' },
    restore: { answer: InstanceRestored, words: 'restore' },
    read: { answer: InstanceRead, words: 'read every block' },
    validate: { answer: RestoreValidated, words: 'validate', leavesChecks: true },
    tearDown: {
      answer: z.union([InstanceDeleted, ScratchDropped, FailedStep, LeftToTheSweeper]),
      words: 'tear down',
    },
  },
  outcomes: {
    verified: { words: 'restore verified', severity: 'info', exit: 'good' },
    rejected: { words: 'backup rejected', severity: 'critical', exit: 'bad', fail: 'RestoreRejected' },
    'not-proven': {
      words: 'restore not proven',
      severity: 'error',
      exit: 'not-proven',
      fail: 'RestoreNotProven',
    },
  },
  progress: 'tasks',
  leftBehind({ subject, steps: { create, restore, tearDown } }, plan) {
    if (restore) return instanceLeftBehind(restore.scratch, tearDown);
    // restore-instance may have been killed after it asked RDS: the deletion alone knows of an instance then.
    if (tearDown && 'complete' in tearDown) return instanceLeftBehind('of this run', tearDown);
    if (!tearDown || 'dropped' in tearDown) return null;
    if (instanceTestsOf(plan).some(([name]) => name === subject))
      return instanceLeftBehind('of this run, if it was created,', tearDown);
    const why = 'failure' in tearDown ? tearDown.failure.cause : tearDown.leftToTheSweeper;
    return `the scratch database ${create?.scratch ?? 'of this run, if it was created,'} was not dropped: ${why ?? NO_CAUSE}`;
  },
  recovery({ outcome, subject, steps: { restore, read, validate } }, plan) {
    const verified = outcome === 'verified' ? validate : undefined;
    const { from, scenario, freshness } = restoreTestOf(plan, subject);
    const database = databaseOf(plan, from.database);
    const gap = longestGapOf(backupOf(database, from.backup));
    return {
      scenario,
      recoveredTo: verified?.recoveredTo ?? null,
      // An instance can be used before it is validated, and is slow until every block was read.
      usableAt: (verified && (read ?? verified))?.finishedAt ?? null,
      ...(restore?.complete ? { availableAt: restore.finishedAt } : {}),
      taken: { worstLoss: worstLossOf(database), oldest: gap === null ? null : gap + freshness },
    };
  },
  verified({ outcome, subject, recoveryPoint }, plan) {
    if (outcome !== 'verified' || recoveryPoint === null) return null;
    const { database, backup } = restoreTestOf(plan, subject).from;
    return { database, backup, recoveryPoint };
  },
  facts: ({ steps, recoveryPoint }) => [
    ...(steps.load ? [dataFact(steps.load), ...noticeFacts(steps.load)] : []),
    ...(steps.restore ? [instanceFact(steps.restore)] : []),
    ...(steps.read ? [{ label: 'read', text: bytes(steps.read.bytes) }] : []),
    recoveryPointFact(recoveryPoint),
    ...(steps.choose ? chosenLabelFacts(steps.choose) : []),
    ...(steps.choose ? momentFacts(steps.choose) : []),
    ...(steps.create?.sharesLogin
      ? [{ label: 'restored code', text: `ran as the scratch login itself: ${steps.create.sharesLogin}` }]
      : []),
  ],
});
