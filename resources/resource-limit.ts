import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Derived } from './derive.ts';
import { NotDeployable } from './not-deployable.ts';

/** Of one stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_RESOURCES = 500;

/** The deployment bucket and its policy, which osls adds. */
const OF_OSLS = 2;

/** How many resources the stack of a plan has: what is derived, what stands in `resources/*.yml`, and what osls adds. */
export async function countResources(derived: Derived): Promise<number> {
  const parts: object[] = [
    await derived.roles,
    derived.machines.Resources,
    derived.schedules,
    derived.failureDestinations,
    derived.alarms,
    derived.reminders,
    derived.subscriptions,
    ...globSync(path.join(import.meta.dirname, '*.yml')).map(
      // References stay as they are: only the names count.
      (file) => parse(readFileSync(file, 'utf8'), { logLevel: 'error' }).Resources as object,
    ),
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
