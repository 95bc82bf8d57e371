import * as z from 'zod';
import { milliseconds } from '../values/duration.ts';
import { duration } from '../values/fields.ts';

const SECOND = 1_000;
const TABLE = 'a table as schema.table, or table for one in public, spelt as in the catalogue';

/** A lease that is as short as this is over before a second try of a slow renewal. */
const SHORTEST_MS = 15 * SECOND;
/** A failover waits this long at most, and so does an application after its renewals have stopped for good. */
const LONGEST_MS = 600 * SECOND;

/** How a database is fenced by a lease. The database itself refuses writes once it is over. */
export const lease = z
  .strictObject({
    tables: z
      .array(
        z
          .string({ error: TABLE })
          .regex(/^[A-Za-z_][\w$]{0,62}(?:\.[A-Za-z_][\w$]{0,62})?$/, { error: TABLE }),
        {
          error: 'a list',
        },
      )
      .min(1, { error: 'at least one table' })
      .describe('The tables that no longer accept writes once the lease is over, with their partitions.'),
    renewEvery: duration
      .refine((every) => every >= SECOND && every <= 60 * SECOND, { error: 'a duration from 1s to 60s' })
      .default(milliseconds(10 * SECOND))
      .describe('How often the lease is renewed. 10s unless told otherwise.'),
    valid: duration
      .refine((valid) => valid >= SHORTEST_MS && valid <= LONGEST_MS, {
        error: 'a duration from 15s to 10m',
      })
      .default(milliseconds(60 * SECOND))
      .describe(
        'How long a renewal lets the database write: how long it survives without one, and how long a failover waits at least. 60s unless told otherwise.',
      ),
    longestTransaction: duration
      .default(milliseconds(10 * SECOND))
      .describe(
        'How long a failover waits besides, for a commit that was checked just in time. 10s unless told otherwise.',
      ),
  })
  .refine(({ renewEvery, valid }) => valid >= 3 * renewEvery, {
    error:
      'a lease that is valid for three times renewEvery or longer, so that it outlasts two failed renewals',
  })
  .describe(
    'Fences the database by a lease, so that no two databases accept writes even where the Regions are cut off from each other. Without the standby Region the database then stops accepting writes: `lifeboat fence` installs it.',
  );

export type LeasePlan = z.output<typeof lease>;
