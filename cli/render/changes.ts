import { count } from '../../shared/run/quantity.ts';
import type { Changes, NamedResource } from '../deploy/changes.ts';
import type { PreparedStack } from '../deploy/stacks.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';

/** Resources of one kind of change that are listed without --verbose. */
const LISTED = 10;

/** Shows what would change in one stack. */
export function showChanges(
  screen: Screen,
  { name, role, region, changes }: PreparedStack,
  verbose: boolean,
): void {
  const { paint } = screen;
  screen.line();
  screen.line(shown`${paint('bold', `${name}, ${region}`)} (${role}): ${changesInWords(changes)}`);
  if (changes.isNew) return;
  const list = (sign: string, resources: readonly NamedResource[]) => {
    const listed = verbose ? resources : resources.slice(0, LISTED);
    for (const { id, type } of listed) screen.line(shown`  ${sign} ${id}  ${paint('dim', type)}`);
    const more = resources.length - listed.length;
    if (more > 0) screen.line(`  ${sign} and ${more} more: --verbose lists them`);
  };
  list('+', changes.added);
  list('~', changes.changed);
  list('-', changes.removed);
  const warning = endOfLeases(changes);
  if (warning) screen.line(`  ${paint('yellow', warning)}`);
}

/** What a person has to know where a stack would no longer renew leases; null where it goes on. */
export function endOfLeases({ removed }: Changes): string | null {
  // resources/schedules.ts gives each leased database a schedule of that name.
  if (!removed.some(({ id }) => id.endsWith('LeaseSchedule'))) return null;
  return 'leases are no longer renewed: fenced tables refuse writes soon after, unless "lifeboat fence remove" was run before';
}

/** The changes of a stack in one phrase. */
export function changesInWords({ isNew, added, changed, removed }: Changes): string {
  if (isNew) return `new, ${count(added.length, 'resource')}`;
  const parts = [
    [added.length, 'added'],
    [changed.length, 'changed'],
    [removed.length, 'removed'],
  ] as const;
  const said = parts.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`);
  return said.length === 0 ? 'only the code of the functions' : said.join(', ');
}
