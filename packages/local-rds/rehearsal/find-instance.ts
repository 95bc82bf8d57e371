import { parseArn } from '../api/arn.ts';
import type { State } from '../state/state.ts';
import type { Instance } from '../state/things.ts';
import { RehearsalRefused } from './refused.ts';

/** By ARN, or by its name where only one Region of one account has an instance of that name. Throws RehearsalRefused. */
export function findInstance({ instances }: State, reference: string): Instance {
  const arn = parseArn(reference);
  if (arn) {
    const found = arn.kind === 'db' ? instances.get(arn, arn.name) : undefined;
    if (!found) throw new RehearsalRefused(`There is no instance ${reference}.`);
    return found;
  }
  const [first, second] = instances.all().filter(({ name }) => name === reference.toLowerCase());
  if (!first) throw new RehearsalRefused(`There is no instance "${reference}" in any Region.`);
  if (second)
    throw new RehearsalRefused(`More than one Region has an instance "${reference}". Name it by its ARN.`);
  return first;
}
