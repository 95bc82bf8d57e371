import * as z from 'zod';
import { DAY, milliseconds } from '../values/duration.ts';
import { retention } from '../values/fields.ts';

export const vault = z
  .strictObject({
    lock: z
      .enum(['governance', 'compliance'])
      .describe(
        'S3 Object Lock. governance: s3:BypassGovernanceRetention can still delete. compliance: no principal can, until it expires.',
      ),
    evidenceRetention: retention
      .default(milliseconds(365 * DAY))
      .describe('How long the evidence of each run is locked and kept. A year unless told otherwise.'),
    trail: z
      .strictObject({
        of: z
          .enum(['changes', 'everything'], { error: 'changes or everything' })
          .describe('changes: who wrote, tagged or deleted, or tried to. everything: who read as well.'),
        retention: retention
          .default(milliseconds(400 * DAY))
          .describe('How long the events are locked and kept. 400 days unless told otherwise.'),
      })
      .optional()
      .describe(
        'Records who did what to the objects of the vault, by CloudTrail, in a bucket of its own. AWS takes 0.10 dollars per 100,000 ' +
          'events: about one for each object written, and one for each read with `everything`. Without it nobody can tell who read.',
      ),
  })
  .describe('Where recovery points are kept.');
