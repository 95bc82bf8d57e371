import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

const count = z.int().min(0);

/**
 * The results of a rehydration's steps. Evidence keeps them for years, so the kind of run (`run/kinds/`) also
 * reads the results of earlier versions.
 */
export const QueueFilled = Phase.extend({
  rows: count,
  sent: count,
  alreadySent: count,
  unknown: count,
  outcome: z.enum(['rehydrated', 'nothing-sent', 'dry-run']),
  summary: z.string(),
});
