import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

/**
 * The results of a backup's steps. Evidence keeps them for years, so the kind of run (`run/kinds/`) also
 * reads the results of earlier versions.
 */
export const DatabaseCopied = Phase.extend({
  /** Its name in the plan. */
  backup: z.string(),
  recoveryPoint: z.string(),
  snapshotAt: z.iso.datetime(),
  heartbeatAt: z.iso.datetime().nullable(),
  tables: z.int(),
  rows: z.int(),
  rawBytes: z.int(),
  storedBytes: z.int(),
});

/** Every object of the recovery point is in the vault, whole, encrypted and locked. */
export const BackupProven = Phase.extend({
  objects: z.int(),
  lockedUntil: z.iso.datetime(),
  summary: z.string(),
});
