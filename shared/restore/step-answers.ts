import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

/**
 * What the steps of a restore answer. Evidence keeps them for years: the kind of run (`run/kinds/`) reads what
 * earlier versions answered too.
 */
/** The heartbeats by which a copy shows whether it stops at a moment. */
export const BetweenHeartbeats = z.object({ before: z.iso.datetime(), after: z.iso.datetime() });

/** By which label a recovery point was chosen. */
export const Labelled = z.object({
  label: z.string(),
  /** How many have the label and could have been chosen. The newest of them was. */
  points: z.int(),
  /** Whether a restore test had verified the chosen one before. */
  verified: z.boolean(),
});

export const RecoveryPointChosen = Phase.extend({
  database: z.string(),
  backup: z.string(),
  recoveryPoint: z.string(),
  snapshotAt: z.iso.datetime(),
  candidates: z.int(),
  /** Keys of manifests that a delete marker or a later version hides, although the plan keeps them; the first ten. */
  hidden: z.array(z.string()).optional(),
  labelled: Labelled.optional(),
  /** Of a moment alone; null where no heartbeats are known on both sides of it. */
  between: BetweenHeartbeats.nullish(),
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

/** A restored instance, as the steps that look into it need it. Holds no password. */
export const RestoredInstance = z.object({
  name: z.string(),
  host: z.string(),
  port: z.int(),
  dbname: z.string(),
  /** ARN of the secret in which RDS keeps the master password. */
  loginSecret: z.string(),
});

/** A restored instance that can be used, or how far it is. */
export const InstanceRestored = Phase.extend({
  /** Its name. */
  scratch: z.string(),
  complete: z.boolean(),
  /** What it waits for, in words; null once it is complete. */
  waitingFor: z.string().nullable(),
  /** Null until it is complete, as what follows. */
  instance: RestoredInstance.nullable(),
  /** Where it is otherwise than its source, or than the plan wants. Null where the source's settings were not recorded. */
  differences: z.array(z.object({ setting: z.string(), expected: z.string(), found: z.string() })).nullable(),
  /** True if it was created empty: a logical recovery point is loaded into it next. */
  isEmpty: z.boolean().optional(),
  // Of a restore that stays alone.
  /** When the sweeper deletes it, if it is not handed over. */
  expiresAt: z.iso.datetime().optional(),
  /** True if an earlier attempt of the run gave its instance its name: nothing was created. */
  handedOver: z.boolean().optional(),
});

/** Where a read of all blocks goes on. */
export const BlockPosition = z.object({ relation: z.int(), block: z.int() });

export const StorageFault = z.object({ table: z.string(), reason: z.string() });

/** How much of a restored instance was read. It is usable when all of it was: RDS fetches a block when it is read first. */
export const InstanceRead = Phase.extend({
  complete: z.boolean(),
  next: BlockPosition.nullable(),
  bytes: z.int(),
  damaged: z.array(StorageFault),
  unread: z.array(z.string()),
});

/** Whether a scratch instance is gone, or what its deletion waits for. */
export const InstanceDeleted = ScratchDropped.extend({
  complete: z.boolean(),
  waitingFor: z.string().nullable(),
});
