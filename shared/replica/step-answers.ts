import * as z from 'zod';
import type { ReplicaLag } from './replica.ts';

const Lag = z.object({
  database: z.string(),
  replica: z.string(),
  region: z.string(),
  completeTo: z.iso.datetime().nullable(),
  lossSeconds: z.number().nullable(),
  unappliedBytes: z.number().nullable(),
  targetSeconds: z.number().nullable(),
  met: z.boolean().nullable(),
  problem: z.string().nullable(),
}) satisfies z.ZodType<ReplicaLag>;

/** What measure-replica answers. */
export const ReplicasMeasured = z.object({ lags: z.array(Lag) });
