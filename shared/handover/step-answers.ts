import * as z from 'zod';
import { Phase } from '../progress/phase.ts';
import { RestoreValidated } from '../validation/step-answers.ts';
import { Applied } from './restored-mark.ts';

/** What handing over answers. No field holds a password. */
export const CopyHandedOver = Phase.extend({
  database: z.string(),
  login: z.string(),
  owner: z.string(),
  /** The name of the secret with the connection details. */
  secret: z.string(),
  /** Grants of the plan that name what was not restored. */
  grantsLeftOut: z.array(z.string()).optional(),
  /** What was taken from the source's own record of its grants and settings. No value of a setting is in it. */
  fromSource: Applied.shape.fromSource.optional(),
  recoveryPoint: z.string(),
  /** What was found when the copy was validated: by this attempt, or by the one that handed it over. */
  validated: RestoreValidated,
});

/** How far the hand-over of an instance is. No field holds a password. */
export const InstanceHandedOver = Phase.extend({
  /** The name that it gets. */
  instance: z.string(),
  complete: z.boolean(),
  /** What it waits for, in words; null once it is complete. */
  waitingFor: z.string().nullable(),
  /** Null until it is complete, as `login`. */
  address: z.object({ host: z.string(), port: z.int(), database: z.string() }).nullable(),
  /** Its master user. */
  login: z.string().nullable(),
  /** The name of the secret with the connection details. */
  secret: z.string(),
  recoveryPoint: z.string(),
  /** What was found when the instance was validated: by this attempt, or by the one that gave it its name. Null where that is not known yet. */
  validated: RestoreValidated.nullable(),
});

/** How a table of a restored copy differs from that of its live source. Counts are decimal text where they may be large. */
export const ComparedTable = z.object({
  table: z.string(),
  outcome: z.enum(['same', 'differs', 'only in the source', 'only in the copy']),
  /** Null where the table is not there. */
  sourceRows: z.string().nullable(),
  copyRows: z.string().nullable(),
  /** Rows that only the source has. Null where rows were not compared one by one. */
  lacking: z.int().nullable(),
  /** Rows that only the copy has. */
  extra: z.int().nullable(),
  /** Rows of the same key with other values. Null without a key too: then a changed row counts as lacking and extra. */
  changed: z.int().nullable(),
});
export type ComparedTable = z.infer<typeof ComparedTable>;

/** How far a restored copy was compared with its live source. */
export const CopyCompared = z.object({
  /** What the copy was restored from. */
  recoveryPoint: z.string(),
  /** The tables and schemas that were restored; empty for everything. */
  only: z.array(z.string()),
  /** The moment of the source. */
  sourceAt: z.iso.datetime(),
  /** Null where an earlier call compared the definitions. */
  schema: z.object({ differences: z.array(z.string()), leftOut: z.array(z.string()) }).nullable(),
  tables: z.array(ComparedTable),
  /** How many tables there are in all. */
  total: z.int(),
  /** The table after which the next call goes on; null once all were compared. */
  next: z.string().nullable(),
});
export type CopyCompared = z.infer<typeof CopyCompared>;
