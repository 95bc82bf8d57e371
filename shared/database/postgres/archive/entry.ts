/** Whether an entry is made before the rows, with them or after them; `none` for settings of the dump itself. */
export type Section = 'none' | 'pre-data' | 'data' | 'post-data';

/** One object of a database, as pg_dump's table of contents lists it. Texts that pg_dump left out are null. */
export interface Entry {
  readonly id: number;
  /** What kind of object it is, such as `INDEX` or `FK CONSTRAINT`. */
  readonly desc: string;
  /** The object's name, with argument types or its table where it needs them. */
  readonly tag: string;
  /** The object's schema; null if it is in none. */
  readonly namespace: string | null;
  readonly owner: string | null;
  readonly section: Section;
  /** The SQL that makes it: one statement or more. */
  readonly definition: string;
  readonly tablespace: string | null;
  /** The access method of a table; null for everything else. */
  readonly tableAccessMethod: string | null;
  /** `pg_class.relkind` of a table, such as `p` for a partitioned one. Null where the archive's version has none. */
  readonly relkind: string | null;
  /** Ids of the entries that must be made before it. Some may not be in the archive. */
  readonly dependencies: readonly number[];
}

/** What pg_dump wrote: the table of contents, in the order in which it may be restored. */
export interface Archive {
  readonly serverVersion: string;
  readonly dumpVersion: string;
  readonly entries: readonly Entry[];
}

/** An entry's name for people, such as `INDEX public.contacts_email`. Unique but for operators and the like. */
export function titleOf({ desc, namespace, tag }: Pick<Entry, 'desc' | 'namespace' | 'tag'>): string {
  return `${desc} ${namespace ? `${namespace}.` : ''}${tag}`;
}
