import * as z from 'zod';

/**
 * Accounts with reduced quotas, as new ones have, refuse a function with more memory until the quota is raised.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MEMORY_OF_EVERY_ACCOUNT = 3_008;

export const functions = z
  .strictObject({
    memory: z
      .int({ error: 'a whole number of MB' })
      .min(1_024, { error: 'at least 1024' })
      .max(10_240, { error: 'at most 10240' })
      .default(MEMORY_OF_EVERY_ACCOUNT)
      .describe(
        'Memory in MB of the functions that copy and load a database. Processors come with it: one for each 1769 MB. More than 3008 needs a quota that new accounts do not have.',
      ),
  })
  .prefault({})
  .describe('The Lambda functions, where the account allows more than any account does.');
