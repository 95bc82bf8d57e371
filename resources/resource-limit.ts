import type { Derived } from './derive.ts';
import { NotDeployable } from './not-deployable.ts';
import { readPart } from './read-part.ts';

/** Of one stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_RESOURCES = 500;

/** The deployment bucket and its policy, which osls adds. */
const OF_OSLS = 2;

/** How many resources the stack of a plan has: what is derived, what `serverless.yml` takes from `resources/`, and what osls adds. */
export async function countResources(derived: Derived): Promise<number> {
  const { replication } = derived;
  const parts: object[] = [
    await derived.roles,
    derived.machines.Resources,
    derived.tables.Resources,
    derived.locks.Resources,
    derived.recovery.Resources,
    derived.schedules,
    derived.failureDestinations,
    derived.alarms,
    derived.reminders,
    derived.subscriptions,
    derived.trail,
    // The vault's replication is a setting of the vault, which one of the two names again.
    { ...readPart('vault').Resources, ...replication.Resources },
    readPart('alerts').Resources,
  ];
  const functionsAndLogs = 2 * Object.keys(derived.functions).length;
  return parts.reduce((sum, part) => sum + Object.keys(part).length, OF_OSLS + functionsAndLogs);
}

/**
 * Refuses a plan whose stack CloudFormation would reject.
 *
 * @throws NotDeployable with the number and what to do
 */
export async function requireFewResources(derived: Derived): Promise<void> {
  const resources = await countResources(derived);
  if (resources <= MOST_RESOURCES) return;
  throw new NotDeployable(
    `the stack of workload "${derived.workload}" would have ${resources} resources; CloudFormation allows ${MOST_RESOURCES}: ` +
      'give some of the databases and replays a plan of their own',
  );
}
