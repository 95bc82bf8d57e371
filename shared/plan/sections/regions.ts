import * as z from 'zod';
import type { Parts } from '../parts.ts';
import { region } from '../values/fields.ts';
import { type Violation, wrong } from '../violation.ts';
import { network } from './network.ts';

export const regions = z
  .strictObject({
    primary: region.describe('Where the workload runs.'),
    standby: region.describe('Where it is recovered when the primary is lost.'),
    standbyNetwork: network
      .optional()
      .describe(
        'Where the functions run in the standby Region that reach a database. Without it: outside of any VPC.',
      ),
  })
  .describe('The two AWS Regions.');

export type Regions = z.output<typeof regions>;

/** The standby must be in another Region than the primary. */
export function regionRules({ regions }: Parts<{ regions: Regions }>): Violation[] {
  const { primary, standby } = regions ?? {};
  if (standby === undefined || primary !== standby) return [];
  return [wrong(['regions', 'standby'], 'another Region than the primary')];
}
