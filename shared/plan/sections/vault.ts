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
  })
  .describe('Where recovery points are kept.');
