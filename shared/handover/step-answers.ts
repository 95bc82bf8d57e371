import * as z from 'zod';
import { Phase } from '../progress/phase.ts';
import { RestoreValidated } from '../validation/step-answers.ts';

/** What handing over answers. No field holds a password. */
export const CopyHandedOver = Phase.extend({
  database: z.string(),
  login: z.string(),
  owner: z.string(),
  /** The name of the secret with the connection details. */
  secret: z.string(),
  /** Grants of the plan that name what was not restored. */
  grantsLeftOut: z.array(z.string()).optional(),
  recoveryPoint: z.string(),
  /** What was found when the copy was validated: by this attempt, or by the one that handed it over. */
  validated: RestoreValidated,
});
