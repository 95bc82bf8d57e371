import type { Plan } from '../../shared/plan/schema.ts';
import { WrongUsage } from '../usage.ts';

/** How a choice is spoken of: `queue to replay`, `replays`, and `name one with --test`. */
export interface Choice {
  readonly one: string;
  readonly several: string;
  readonly by?: string;
}

/**
 * The thing of the plan that was named, or the only one there is. A name is not looked up here: that is for the plan's own
 * look-ups, which know the closest spelling.
 *
 * @throws WrongUsage where there are several, with their names, or none
 */
export function namedOrOnly(
  plan: Pick<Plan, 'workload'>,
  named: string | undefined,
  all: readonly string[],
  { one, several, by }: Choice,
): string {
  if (named !== undefined) return named;
  const [only, ...others] = all;
  if (only === undefined) throw new WrongUsage(`the plan of ${plan.workload} has no ${one}`);
  if (others.length === 0) return only;
  throw new WrongUsage(
    `the plan has several ${several}; name one${by ? ` with ${by}` : ''}: ${all.join(', ')}`,
  );
}
