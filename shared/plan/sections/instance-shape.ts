import * as z from 'zod';
import { ec2Id, keyAlias, rdsName, secretName, text } from '../values/fields.ts';

const CLASS_PHRASE = 'a class of RDS instances such as db.t4g.medium';

const securityGroups = z
  .array(ec2Id('sg', 'a security group'))
  .min(1, { error: 'at least one security group' });

/** Groups are of one Region. What is left out is RDS's default there. */
const inStandby = z.strictObject({
  subnetGroup: rdsName('a DB subnet group').optional().describe('Its DB subnet group there.'),
  securityGroups: securityGroups.describe('Its security groups there.'),
  parameterGroup: rdsName('a DB parameter group').optional().describe('Its DB parameter group there.'),
  optionGroup: rdsName('an option group').optional().describe('Its option group there.'),
});

/** What a plan says of an RDS instance that a recovery point becomes, whether it is deleted after a test or stays. */
export const instanceShape = {
  class: z
    .string({ error: CLASS_PHRASE })
    .regex(/^db\.[a-z0-9-]+\.[a-z0-9-]+$/, { error: CLASS_PHRASE })
    .optional()
    .describe('Its class. Without it, that of the source when the backup was taken.'),
  subnetGroup: rdsName('a DB subnet group')
    .optional()
    .describe('Its DB subnet group. Without it, that of the source.'),
  securityGroups: securityGroups.describe(
    'Its security groups: they let the functions of this plan in, and the application nowhere. RDS would take the default of the VPC.',
  ),
  parameterGroup: rdsName('a DB parameter group')
    .optional()
    .describe('Its DB parameter group. Without it, that of the source; RDS would take its default.'),
  optionGroup: rdsName('an option group')
    .optional()
    .describe('Its option group. Without it, that of the source.'),
  standby: inStandby
    .optional()
    .describe(
      'Its groups in the standby Region, where those of the primary are not. Needed to restore what RDS copied there.',
    ),
  kmsKey: keyAlias
    .optional()
    .describe(
      'The KMS key of the secret that RDS keeps its master password in, by alias. The storage keeps the key of the snapshot: RDS takes no other.',
    ),
  database: text('the name of a database')
    .optional()
    .describe('The database to look into. Without it, the one that the source instance was created with.'),
  certificateAuthority: secretName
    .optional()
    .describe(
      "Secret with the certificate authority of the instance's TLS certificate. Without it, that of the source.",
    ),
};
