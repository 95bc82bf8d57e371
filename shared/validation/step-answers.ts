import * as z from 'zod';
import { Phase } from '../progress/phase.ts';
import { Verdict } from './verdict.ts';

/**
 * What the validation of a restored copy answers. Evidence keeps it for years: the kind of run (`run/kinds/`)
 * reads what earlier versions answered too.
 */
export const RestoreValidated = Phase.extend({
  verdict: Verdict,
  reason: z.string(),
  /** How many checks there were. The checks themselves are in the vault. */
  checks: z.int(),
  /** Start of the execution that left the checks: their place in the vault. What earlier versions answered is without it. */
  runStartedAt: z.iso.datetime().optional(),
  /** The newest heartbeat in the copy. */
  recoveredTo: z.iso.datetime().nullable(),
  /** The tables and schemas that were restored; absent where everything was. */
  only: z.array(z.string()).optional(),
});
