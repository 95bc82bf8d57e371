import * as z from 'zod';
import { Phase } from '../progress/phase.ts';

/**
 * The results of the steps that check a subscription. Evidence keeps them for years, so the kind of run
 * (`run/kinds/`) also reads the results of earlier versions.
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
  /** ARN of the subscription that the submitted confirmation was for. */
  confirmed: z.string().nullable(),
});
