import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

/**
 * What the steps of a restore answer. Evidence keeps them for years: the kind of run (`run/kinds/`) reads what
 * earlier versions answered too.
 */
export const RecoveryPointChosen = Phase.extend({
  database: z.string(),
  backup: z.string(),
  recoveryPoint: z.string(),
  snapshotAt: z.iso.datetime(),
  candidates: z.int(),
  /** Keys of manifests that a delete marker hides: somebody deleted them. */
  hidden: z.array(z.string()).optional(),
});

export const ScratchCreated = Phase.extend({
  scratch: z.string(),
  expiresAt: z.iso.datetime(),
  /** Why restored code ran as the login of the plan; null if it ran as a login of its own. */
  sharesLogin: z.string().nullish(),
  /** True if an earlier attempt of the run handed its copy over: nothing was created. */
  handedOver: z.boolean().optional(),
});

export const ScratchLoaded = Phase.extend({
  tables: z.int(),
  rows: z.int(),
  rawBytes: z.int(),
  /** What the load did in another way than planned, and what it left undone that says nothing of the backup. */
  notices: z.array(z.string()).optional(),
});

export const ScratchDropped = Phase.extend({ dropped: z.boolean() });
