import * as z from 'zod';
import { STACK_ROLES } from '../shared/plan/stack-role.ts';

const Resource = z.object({ id: z.string(), type: z.string() });

/** What `lifeboat deploy --json` prints. */
export const Deploy = z.object({
  stage: z.string(),
  deployed: z.boolean().meta({ description: 'False after a dry run.' }),
  stacks: z
    .array(
      z.object({
        name: z.string(),
        role: z.enum(STACK_ROLES),
        region: z.string(),
        changes: z.object({
          isNew: z.boolean().meta({ description: 'No stack was there before.' }),
          added: z.array(Resource),
          changed: z.array(Resource),
          removed: z.array(Resource),
          retyped: z.array(Resource.extend({ before: z.string() })),
        }),
      }),
    )
    .meta({ description: 'In the order in which they are deployed.' }),
});
