import { parseArn } from '../api/arn.ts';
import type { State } from '../state/state.ts';
import type { Snapshot } from '../state/things.ts';
import { RehearsalRefused } from './refused.ts';

/** By ARN, or by its name where only one Region of one account has a snapshot of that name. Throws RehearsalRefused. */
export function findSnapshot({ snapshots }: State, reference: string): Snapshot {
  const arn = parseArn(reference);
  const found = snapshots
    .all()
    .filter(({ account, region, name }) =>
      arn
        ? arn.kind === 'snapshot' && arn.account === account && arn.region === region && arn.name === name
        : name === reference.toLowerCase(),
    );
  const [first, second] = found;
  if (!first) throw new RehearsalRefused(`There is no snapshot "${reference}" in any Region.`);
  if (second)
    throw new RehearsalRefused(`More than one Region has a snapshot "${reference}". Name it by its ARN.`);
  return first;
}
