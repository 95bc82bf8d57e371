import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

const count = z.int().min(0);

/**
 * What a rehydration answers. Evidence keeps it for years: the kind of run (`run/kinds/`) reads what earlier
 * versions answered too.
 */
export const QueueFilled = Phase.extend({
  rows: count,
  sent: count,
  alreadySent: count,
  unknown: count,
  outcome: z.enum(['rehydrated', 'dry-run']),
  summary: z.string(),
});
