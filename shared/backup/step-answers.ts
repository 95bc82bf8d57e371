import * as z from 'zod';
import { Phase } from '../progress/phase.ts';
import { Label } from './label.ts';

/**
 * The results of a backup's steps. Evidence keeps them for years, so the kind of run (`run/kinds/`) also
 * reads the results of earlier versions.
 */
export const DatabaseCopied = Phase.extend({
  /** Its name in the plan. */
  backup: z.string(),
  recoveryPoint: z.string(),
  label: Label.optional(),
  snapshotAt: z.iso.datetime(),
  heartbeatAt: z.iso.datetime().nullable(),
  tables: z.int(),
  rows: z.int(),
  rawBytes: z.int(),
  storedBytes: z.int(),
});

/** A snapshot as RDS keeps it, or how far it is. */
export const SnapshotAdvanced = Phase.extend({
  /** Its name in the plan. */
  backup: z.string(),
  /** Null until it is complete, as what follows. */
  recoveryPoint: z.string().nullable(),
  label: Label.optional(),
  complete: z.boolean(),
  /** What it waits for, in words; null once it is complete. */
  waitingFor: z.string().nullable(),
  snapshotAt: z.iso.datetime().nullable(),
  /** The size of the storage, of which RDS keeps what differs from the snapshot before. */
  gibibytes: z.int().nullable(),
});

/** Every object of the recovery point is where the plan wants it: whole, encrypted and kept. */
export const BackupProven = Phase.extend({
  objects: z.int(),
  keptUntil: z.iso.datetime(),
  /** Null where the store locks nothing. */
  lockedUntil: z.iso.datetime().nullable(),
  summary: z.string(),
});

/** Which recovery point is read, and how many objects it consists of. */
export const RecoveryPointToRead = Phase.extend({
  /** Its name in the plan. */
  backup: z.string(),
  recoveryPoint: z.string(),
  /** How many recovery points it was chosen from. */
  candidates: z.int(),
  /** Keys of manifests, and of content of this one, that a delete marker or a later version hides; the first ten. */
  hidden: z.array(z.string()),
});

/** How far a recovery point was read. Every object before `next` is intact. */
export const RecoveryPointRead = Phase.extend({
  /** The first object that is not read yet; null once all are. */
  next: z.int().nullable(),
  objects: z.int(),
  /** Of all objects before `next`, as they are stored. */
  storedBytes: z.int(),
  /** ISO 8601. When the first lock of its objects ends. */
  lockedUntil: z.iso.datetime(),
  /** ISO 8601. Until when the plan keeps it. */
  keptUntil: z.iso.datetime(),
});

/** What the vault refused, and what it allowed. */
export const ChangesRefused = Phase.extend({
  /** In words: `to delete a version`. */
  refused: z.array(z.string()),
});

/** Which snapshots of a backup were deleted, because they were past their retention. */
export const SnapshotsPruned = Phase.extend({ deleted: z.array(z.string()) });

/** The moments that RDS can restore, or how far it is. */
export const PointInTimeLookedAfter = Phase.extend({
  /** Its name in the plan. */
  backup: z.string(),
  /** The moment of the label, or else the newest. Null until RDS keeps them as the plan says, as what follows. */
  recoveryPoint: z.string().nullable(),
  label: Label.optional(),
  complete: z.boolean(),
  /** What it waits for, in words; null once it is complete. */
  waitingFor: z.string().nullable(),
  earliestAt: z.iso.datetime().nullable(),
  latestAt: z.iso.datetime().nullable(),
  /** The newest moment in the standby Region; null where the plan wants no copies. */
  copiedTo: z.iso.datetime().nullable(),
  summary: z.string().nullable(),
});
