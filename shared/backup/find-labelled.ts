import { distance } from 'fastest-levenshtein';
import pLimit from 'p-limit';
import type { Journal, RecoveryPointRecord } from '../journal/journal.ts';
import { isUnreadableManifest } from './logical/manifest.ts';
import type { ListedRecoveryPoint, RecoveryPoints } from './method.ts';
import type { BackupPlace } from './place.ts';
import { isWithin, momentOf } from './rds-point-in-time/moment.ts';
import { NoRecoveryPoint } from './recovery-points.ts';

/** More than are kept: hourly backups of a year. */
const ALL = 10_000;
/** Manifests read at once. Each can be megabytes. */
const READ_AT_ONCE = 8;
/** Labels that an error names. */
const NAMED = 5;

/** What a backup has under one label. */
export interface LabelledPoints {
  /** Oldest first; at least one. */
  readonly ids: readonly string[];
}

/**
 * Finds the recovery points that have a label. A snapshot has it as a tag. The journal has it of the others. What the journal does
 * not know to be taken is read: its run may have died before it was recorded, or the journal may be lost.
 *
 * @throws NoRecoveryPoint naming the nearest labels that there are; what the store throws that could not be read
 */
export async function findLabelled(
  { points, journal }: { points: RecoveryPoints; journal: Pick<Journal, 'recoveryPoints'> },
  of: BackupPlace,
  label: string,
): Promise<LabelledPoints> {
  const [listed, known] = await Promise.all([points.list(of), journal.recoveryPoints(of, ALL)]);
  const { labels, unread } = await labelsOf(points, of, listed, known);
  const ids = labels.filter((each) => each.label === label).map(({ id }) => id);
  if (ids.length > 0) return { ids: ids.sort() };
  const expired = known.some((each) => each.label === label);
  throw new NoRecoveryPoint(
    `no recovery point of backup "${of.backup}" of "${of.database}" has the label "${label}"${
      expired ? ' any more: what had it is no longer kept' : ''
    }; ${labelsInWords(
      label,
      labels.map((each) => each.label),
    )}${unread > 0 ? `. ${unread} could not be read: their manifests are damaged or of another version` : ''}`,
    { hint: 'A label is given when a backup is taken: lifeboat backup --label <label>.' },
  );
}

interface Labelled {
  readonly id: string;
  readonly label: string;
}

/** Every label of the recovery points that are kept. */
async function labelsOf(
  points: RecoveryPoints,
  of: BackupPlace,
  listed: readonly ListedRecoveryPoint[],
  known: readonly RecoveryPointRecord[],
): Promise<{ labels: Labelled[]; unread: number }> {
  const window = listed.find(({ since }) => since !== undefined);
  if (window?.since) return { labels: momentsWithin(known, window.since, window.begunAt), unread: 0 };
  const noted = new Map(known.map((each) => [each.recoveryPoint, each]));
  let unread = 0;
  const labels = await pLimit(READ_AT_ONCE).map(listed, async ({ id, label: told }): Promise<Labelled[]> => {
    const note = noted.get(id);
    let label = told ?? note?.label ?? null;
    if (told === undefined && !note?.taken && label === null)
      try {
        const point = await points.find({ ...of, id });
        label = 'label' in point ? point.label : null;
      } catch (error) {
        // One that is damaged must not hide the others. One that cannot be read now could be the newest that has the label.
        if (!isUnreadableManifest(error)) throw error;
        unread += 1;
      }
    return label === null ? [] : [{ id, label }];
  });
  return { labels: labels.flat(), unread };
}

/** RDS keeps no label of a moment, so only the journal has it. */
function momentsWithin(known: readonly RecoveryPointRecord[], earliest: Date, latest: Date): Labelled[] {
  return known.flatMap(({ recoveryPoint: id, label }) => {
    const moment = momentOf(id);
    return label !== null && moment !== null && isWithin({ earliest, latest }, moment) ? [{ id, label }] : [];
  });
}

function labelsInWords(wanted: string, labels: readonly string[]): string {
  const all = [...new Set(labels)];
  if (all.length === 0) return 'none has a label';
  const away = (label: string) => distance(wanted.toLowerCase(), label.toLowerCase());
  const nearest = all.toSorted((one, other) => away(one) - away(other)).slice(0, NAMED);
  const more = all.length > nearest.length ? `, and ${all.length - nearest.length} others` : '';
  return `there is: ${nearest.map((each) => `"${each}"`).join(', ')}${more}`;
}
