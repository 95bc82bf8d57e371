import type * as z from 'zod';
import type { Labelled as LabelledSchema } from '../restore/step-answers.ts';
import type { Fact } from './kind.ts';
import { bytes, count } from './quantity.ts';

type Labelled = z.output<typeof LabelledSchema>;

/** How much was copied or loaded: `14 tables, 137,391 rows, 58 MB, stored as 21 MB`. */
export function dataFact(data: {
  readonly tables: number;
  readonly rows: number;
  readonly rawBytes: number;
  readonly storedBytes?: number;
}): Fact {
  const { tables, rows, rawBytes, storedBytes } = data;
  const stored = storedBytes === undefined ? [] : [`stored as ${bytes(storedBytes)}`];
  const text = [count(tables, 'table'), count(rows, 'row'), bytes(rawBytes), ...stored].join(', ');
  return { label: 'data', text };
}

/** The size of a snapshot, or what it waited for when the run ended. */
export function snapshotFact(snapshot: {
  readonly gibibytes: number | null;
  readonly waitingFor: string | null;
}): Fact {
  const { gibibytes, waitingFor } = snapshot;
  return { label: 'snapshot', text: waitingFor ?? `${gibibytes} GiB of storage` };
}

/** Which moments can be restored, or what that waited for when the run ended. */
export function pointInTimeFact(kept: {
  readonly earliestAt: string | null;
  readonly latestAt: string | null;
  readonly waitingFor: string | null;
}): Fact {
  const { earliestAt, latestAt, waitingFor } = kept;
  return { label: 'point in time', text: waitingFor ?? `any from ${earliestAt} to ${latestAt}` };
}

/** What a load did in another way than planned, or left undone, that says nothing of the backup. */
export function noticeFacts({ notices = [] }: { readonly notices?: readonly string[] | undefined }): Fact[] {
  return notices.map((text) => ({ label: 'notice', text }));
}

/** Which recovery point a run made or restored. */
export function recoveryPointFact(recoveryPoint: string | null): Fact {
  return { label: 'recovery point', text: recoveryPoint ?? 'none' };
}

/** What a person called a recovery point. Nothing where nobody did. */
export function labelFacts(label: string | undefined): Fact[] {
  return label === undefined ? [] : [{ label: 'label', text: label }];
}

/** Which of the recovery points of a label a run restored. Nothing where it was chosen by no label. */
export function chosenLabelFacts(chosen: { readonly labelled?: Labelled | undefined }): Fact[] {
  const { labelled } = chosen;
  if (!labelled) return [];
  const { label, points, verified } = labelled;
  const which = points === 1 ? 'the only one' : `the newest of ${points}`;
  const proof = verified ? 'verified by an earlier restore test' : 'no restore test had verified it before';
  return [{ label: 'label', text: `${label}: ${which}, ${proof}` }];
}

/** By which heartbeats a copy shows that it stops at its moment. Nothing where it was restored to none. */
export function momentFacts(chosen: {
  readonly between?: { readonly before: string; readonly after: string } | null | undefined;
}): Fact[] {
  const { between } = chosen;
  return between
    ? [{ label: 'between', text: `the heartbeats of ${between.before} and ${between.after}` }]
    : [];
}

/** A restored instance, or what it waited for when the run ended. */
export function instanceFact(restored: {
  readonly scratch: string;
  readonly waitingFor: string | null;
}): Fact {
  return {
    label: 'instance',
    text: `${restored.scratch}${restored.waitingFor === null ? '' : `: ${restored.waitingFor}`}`,
  };
}
