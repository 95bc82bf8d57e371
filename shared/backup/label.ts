import * as z from 'zod';

/**
 * A name that a person gives to a recovery point: `before-upgrade`. It must be valid as the value of an AWS tag, because a snapshot
 * of RDS carries it as one. Spaces are not allowed, so that a shell takes a label without quotes.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html
 */
export const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.:/=+@-]{0,62}$/;

/** The rule in words, for the message that refuses a label. */
export const LABEL_PHRASE =
  'a label such as before-upgrade: at most 63 letters, digits and _ . : / = + @ -, a letter or digit first';

export const Label = z.string().min(1).regex(LABEL, { error: LABEL_PHRASE }).describe(LABEL_PHRASE);
