import * as z from 'zod';

const VERSION_PHRASE = 'a version of PostgreSQL that RDS offers, such as 17 or 17.6, in quotes';
const SIZE_PHRASE = 'whole GiB from 20 to 65536, which is what gp3 storage of RDS has';

/** What only a plan can say of an RDS instance that is created empty. Of any other it follows from what the instance is made of. */
export const emptyInstanceShape = {
  engineVersion: z
    .string({ error: VERSION_PHRASE })
    .regex(/^\d{2}(?:\.\d{1,2})?$/, { error: VERSION_PHRASE })
    .optional()
    .describe(
      'Its version of PostgreSQL, for a logical backup. Without it, that of the source; where RDS does not offer that, its major version.',
    ),
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
  gibibytes: z
    .int({ error: SIZE_PHRASE })
    .min(20, { error: SIZE_PHRASE })
    .max(65_536, { error: SIZE_PHRASE })
    .optional()
    .describe('Its storage, for a logical backup. Without it, as much as the data of the backup needs.'),
};
