import type { Entry } from '../archive/entry.ts';
import type { SchemaFacts } from './schema-facts.ts';
import { PUBLIC, whatCounts } from './what-counts.ts';

/**
 * What a source has and a copy on a scratch server never gets, in words for an auditor. Owners and grants name roles of the
 * source's server, tablespaces its disks. pg_dump does not write an index whose build was never finished. Owner and grants of
 * schema public are those of a new database, different from version to version, so they say nothing.
 */
export function notCarried(
  entries: readonly Entry[],
  { subscriptions, unfinishedIndexes }: Pick<SchemaFacts, 'subscriptions' | 'unfinishedIndexes'>,
): string[] {
  const parts = whatCounts(entries);
  const ofCopy = entries.filter((entry) => parts.get(entry) !== 'surrounding');
  const owners = named(ofCopy.map(({ owner }) => owner));
  const tablespaces = named(entries.map(({ tablespace }) => tablespace));
  return [
    ...counted(entries, 'ACL', 'grants on one object', 'grants on # objects'),
    ...counted(entries, 'DEFAULT ACL', 'one set of default privileges', '# sets of default privileges'),
    ...(owners.length > 1 ? [`owners (${owners.join(', ')})`] : []),
    ...(tablespaces.length > 0 ? [`tablespaces (${tablespaces.join(', ')})`] : []),
    ...counted(entries, 'DATABASE PROPERTIES', 'settings of the database', 'settings of the database'),
    ...subscriptions.map((name) => `subscription ${name}`),
    ...unfinishedIndexes.map((name) => `index ${name}, which is invalid in the source`),
  ];
}

function counted(entries: readonly Entry[], desc: string, one: string, several: string): string[] {
  const count = entries.filter((entry) => entry.desc === desc && entry.tag !== PUBLIC).length;
  if (count === 0) return [];
  return [count === 1 ? one : several.replace('#', String(count))];
}

function named(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null))].sort();
}
