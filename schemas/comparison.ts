import * as z from 'zod';
import { ComparedTable, CopyCompared } from '../shared/handover/step-answers.ts';

/** What `lifeboat compare --json` prints. */
export const Comparison = CopyCompared.omit({ next: true }).extend({
  copy: z.string().meta({ description: 'The restored database.' }),
  tables: z.array(ComparedTable).meta({ description: 'Every table that was compared, in order of name.' }),
});
