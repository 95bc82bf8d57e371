import * as z from 'zod';

export const notifications = z
  .strictObject({
    email: z
      .array(z.email({ error: 'an e-mail address' }))
      .min(1, { error: 'at least one e-mail address' })
      .describe('Who is told of each verdict.'),
  })
  .describe('Who is told.');
