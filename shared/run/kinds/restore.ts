import * as z from 'zod';
import { Label } from '../../backup/label.ts';
import { Incident } from '../../evidence/incident.ts';
import { CopyHandedOver, InstanceHandedOver } from '../../handover/step-answers.ts';
import { backupOf, databaseOf, restoreOf } from '../../plan/lookup.ts';
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
import { bytes, count } from '../quantity.ts';
import {
  chosenLabelFacts,
  dataFact,
  instanceFact,
  momentFacts,
  noticeFacts,
  recoveryPointFact,
} from '../recovery-facts.ts';
import { NO_CAUSE } from '../unwrap-cause.ts';

type HandedOver = z.output<typeof CopyHandedOver> | z.output<typeof InstanceHandedOver>;

/** Restores a recovery point into a new database, or a new RDS instance, that stays. */
export const restore = defineKind({
  name: 'restore',
  input: z.object({
    /** A place of the plan to restore to. */
    restore: z.string().min(1),
    /** The name of the new database, or of the new instance. Nothing of that name may exist. */
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
    restore: { answer: InstanceRestored, words: 'restore' },
    read: { answer: InstanceRead, words: 'read every block' },
    validate: { answer: RestoreValidated, words: 'validate', leavesChecks: true },
    handOver: {
      answer: z.union([InstanceHandedOver, CopyHandedOver]),
      words: 'hand over',
      leavesChecks: true,
    },
    tearDown: { answer: z.union([InstanceDeleted, ScratchDropped, FailedStep]), words: 'tear down' },
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
  leftBehind({ outcome, steps: { create, restore, handOver, tearDown } }) {
    if (restore || (tearDown && 'complete' in tearDown))
      return instanceLeftBehind(outcome, restore?.scratch ?? 'of this run', handOver, tearDown);
    if (!tearDown || 'dropped' in tearDown) return null;
    return `the copy ${create?.scratch ?? 'of this run, if it was created,'} was not dropped: ${tearDown.failure.cause ?? NO_CAUSE}`;
  },
  recovery({ outcome, subject, steps: { restore, handOver } }, plan) {
    const restored = outcome === 'restored' ? handOver : undefined;
    const { from, scenario, freshness } = restoreOf(plan, subject);
    const database = databaseOf(plan, from.database);
    const gap = longestGapOf(backupOf(database, from.backup));
    return {
      scenario,
      recoveredTo: restored?.validated?.recoveredTo ?? null,
      // Nobody can use it before.
      usableAt: restored?.finishedAt ?? null,
      ...(restore?.complete ? { availableAt: restore.finishedAt } : {}),
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
    ...(steps.restore && outcome !== 'restored' ? [instanceFact(steps.restore)] : []),
    ...(steps.read ? [{ label: 'read', text: bytes(steps.read.bytes) }] : []),
    recoveryPointFact(recoveryPoint),
    ...(steps.choose ? chosenLabelFacts(steps.choose) : []),
    ...(steps.choose ? momentFacts(steps.choose) : []),
    ...partFact(steps.handOver?.validated?.only ?? steps.validate?.only),
    ...(steps.handOver ? handOverFacts(steps.handOver) : []),
    ...(steps.restore?.complete && outcome !== 'restored' && !steps.tearDown && !steps.handOver
      ? [lookFact(steps.restore.scratch, steps.restore.expiresAt, 'deleted')]
      : []),
    ...(steps.create && steps.load && !steps.tearDown && outcome !== 'restored'
      ? [lookFact(steps.create.scratch, steps.create.expiresAt, 'dropped')]
      : []),
  ],
});

/** What came from the source's own record, and what did not. */
function sourceFacts(from: z.output<typeof CopyHandedOver>['fromSource']): { label: string; text: string }[] {
  if (!from) return [];
  const { grants, settings, missingRoles, leftOut } = from;
  const settingsText = settings.length > 0 ? `, settings: ${settings.join(', ')}` : '';
  return [
    { label: 'from the source', text: `${count(grants, 'grant')}${settingsText}` },
    ...(missingRoles.length > 0
      ? [
          {
            label: 'missing roles',
            text: `${missingRoles.join(', ')}: make them and grant again, or name others in the plan`,
          },
        ]
      : []),
    ...leftOut.map((text) => ({ label: 'left out', text })),
  ];
}

function partFact(only: readonly string[] | undefined): { label: string; text: string }[] {
  return only ? [{ label: 'only', text: only.join(', ') }] : [];
}

function lookFact(name: string, expiresAt: string | undefined, ends: 'dropped' | 'deleted') {
  return { label: 'copy', text: `${name}, to look at until ${expiresAt}, when it is ${ends}` };
}

function handOverFacts(handedOver: HandedOver): { label: string; text: string }[] {
  const { login, secret } = handedOver;
  const connection = { label: 'connection', text: `login ${login}, in the secret ${secret}` };
  if (!('instance' in handedOver))
    return [
      { label: 'database', text: `${handedOver.database}, owned by ${handedOver.owner}` },
      connection,
      ...(handedOver.grantsLeftOut ?? []).map((sql) => ({ label: 'left out', text: sql })),
      ...sourceFacts(handedOver.fromSource),
    ];
  const { instance, address, waitingFor } = handedOver;
  if (address === null) return [{ label: 'instance', text: `${instance}: ${waitingFor}` }];
  return [
    { label: 'instance', text: `${instance} at ${address.host}:${address.port}, protected from deletion` },
    connection,
    { label: 'cost', text: `${instance} costs money until you delete it` },
  ];
}

/** An instance costs money for as long as it is there. One that came up and was not deleted is kept until its expiry, as planned. */
function instanceLeftBehind(
  outcome: string,
  scratch: string,
  handOver: HandedOver | undefined,
  tearDown: z.output<typeof InstanceDeleted | typeof ScratchDropped | typeof FailedStep> | undefined,
): string | null {
  if (tearDown) {
    if ('complete' in tearDown && tearDown.complete) return null;
    const why =
      'failure' in tearDown ? tearDown.failure.cause : 'waitingFor' in tearDown && tearDown.waitingFor;
    return `the instance ${scratch} was not deleted: ${why || NO_CAUSE}`;
  }
  // From its new name on no sweep deletes it.
  if (outcome === 'restored' || !handOver || !('instance' in handOver)) return null;
  return `instance ${handOver.instance}, or ${scratch}, was not handed over to its end (${handOver.waitingFor}): restore again into another name, and delete it`;
}
