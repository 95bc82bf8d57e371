import * as z from 'zod';
import { ec2Id } from '../values/fields.ts';

export const network = z.strictObject({
  subnets: z
    .array(ec2Id('subnet', 'a subnet'))
    .min(1, { error: 'at least one subnet' })
    .describe('Private subnets, in different Availability Zones, from which the database is reachable.'),
  securityGroups: z
    .array(ec2Id('sg', 'a security group'))
    .min(1, { error: 'at least one security group' })
    .describe('Security groups that the database and the scratch server let in.'),
});

export type Network = z.output<typeof network>;
