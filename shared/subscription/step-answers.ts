import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

/**
 * What looking after a subscription answers. Evidence keeps it for years: the kind of run (`run/kinds/`)
 * reads what earlier versions answered too.
 */
export const SubscriptionEnsured = Phase.extend({
  endpoint: z.string(),
  found: z.enum(['confirmed', 'pending', 'missing']),
  done: z.enum(['nothing', 'asked-again', 'subscribed']),
  now: z.enum(['confirmed', 'pending']),
  subscriptionArn: z.string().nullable(),
  attributes: z
    .object({
      rawMessageDelivery: z.boolean(),
      filterPolicy: z.string().nullable(),
      deadLetters: z.string().nullable(),
    })
    .nullable(),
  differences: z.array(z.string()).readonly(),
  words: z.string(),
  /** ARN of the subscription that a confirmation was handed over for. */
  confirmed: z.string().nullable(),
});
