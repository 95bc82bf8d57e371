import type { SchemaDump } from '../../schema-dump.ts';

/** Titles of the entries in which two dumps differ, at most ten and then how many more. */
export function schemaDifferences(stored: SchemaDump, restored: SchemaDump): string[] {
  const before = entriesByTitle(stored.preData + stored.postData);
  const after = entriesByTitle(restored.preData + restored.postData);
  const titles = [...new Set([...before.keys(), ...after.keys()])].filter(
    (title) => before.get(title) !== after.get(title),
  );
  if (titles.length === 0) return ['the order of its entries'];
  return titles.length > 10 ? [...titles.slice(0, 10), `${titles.length - 10} more`] : titles;
}

/** The entries of a dump by their title, such as `INDEX public.contacts_updated`. */
export function entriesByTitle(sql: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const entry of sql.split(/^(?=--\n-- Name: )/m)) {
    const title = /^--\n-- Name: (.*); Type: (.*); Schema: (.*); Owner/.exec(entry);
    if (title) entries.set(`${title[2]} ${title[3] === '-' ? '' : `${title[3]}.`}${title[1]}`, entry.trim());
  }
  return entries;
}
