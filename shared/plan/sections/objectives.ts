import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { DURATION, parseDuration } from '../values/duration.ts';
import { duration, named, text } from '../values/fields.ts';
import { oneOfNames, type Violation } from '../violation.ts';

const LOSS_PHRASE = 'a duration such as 15m or 30d, or any';

/** Some documents accept the loss of a part instead of naming a number: a cache, a registry. */
const ANY_LOSS = 'any';

/** In milliseconds; null where any loss is accepted. */
export const rpo = z
  .string({ error: LOSS_PHRASE })
  .regex(new RegExp(`^${ANY_LOSS}$|${DURATION.source}`), { error: LOSS_PHRASE, abort: true })
  .meta({ examples: ['0s', '15m', '1d', ANY_LOSS] })
  .transform((text) => (text === ANY_LOSS ? null : parseDuration(text)));

const objective = z.strictObject({
  rpo: rpo.describe(
    'Recovery point objective: how much of the newest data may be lost. `0s`: none. `any`: all of it is accepted.',
  ),
  rto: duration.describe(
    'Recovery time objective: from the onset of the incident to the first served request.',
  ),
});

export const objectives = objective
  .extend({
    scenarios: named(objective).describe('Objectives by failure, where they differ from the general ones.'),
  })
  .describe('What the business asks for. Measured in each restore test.');

/** The scenario that an objective is measured in. */
export const scenario = text('the name of a scenario').describe(
  'The scenario of objectives.scenarios whose RPO and RTO the measured times are compared with.',
);

export type Objectives = z.output<typeof objectives>;
export type Objective = z.output<typeof objective>;

/** The value at the path must be the name of a scenario. */
export function scenarioExists(
  path: Path,
  value: string | undefined,
  objectives: Parts<Objectives> | undefined,
): Violation[] {
  return oneOfNames(path, 'a scenario of objectives.scenarios', value, objectives?.scenarios ?? {});
}
