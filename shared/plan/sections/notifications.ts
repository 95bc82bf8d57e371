import * as z from 'zod';
import { named } from '../values/fields.ts';

/** The events that a channel can receive: finished runs by outcome, and CloudWatch alarms. */
const occasion = z.enum(['succeeded', 'failed', 'alarm']);

const channel = z.strictObject({
  email: z
    .array(z.email({ error: 'an e-mail address' }))
    .min(1, { error: 'at least one e-mail address' })
    .describe('The addresses that get an e-mail.'),
  on: z
    .array(occasion)
    .min(1, { error: 'at least one of succeeded, failed and alarm' })
    .default(['succeeded', 'failed', 'alarm'])
    .describe(
      'What is told: runs that succeeded, runs that failed, alarms. All three unless told otherwise.',
    ),
});

export const notifications = named(channel)
  .refine((channels) => Object.keys(channels).length > 0, { error: 'at least one channel' })
  .describe('Who is told of what, by name of the channel.');

export type Occasion = z.output<typeof occasion>;
