/** The statements of pg_dump's post-data section, in the order in which they may run. */
export interface PostData {
  /** Settings that every connection needs first. */
  readonly preamble: string;
  /** Indexes and keys: they need only their table, so they may be built at the same time. */
  readonly independent: readonly string[];
  /** Everything else, in pg_dump's order: foreign keys, triggers, rules, materialized views and what depends on them. */
  readonly ordered: readonly string[];
}

/** Indexes, primary keys, unique and exclusion constraints. pg_dump calls them by these names in its comments. */
const INDEPENDENT = new Set(['INDEX', 'CONSTRAINT']);

/**
 * A view grouped by a primary key can only be created once the key exists, so pg_dump moves it behind the rows. Its indexes
 * must wait for it. The name is as pg_dump writes it, quoted where needed.
 */
const MADE_HERE = /^CREATE MATERIALIZED VIEW (.+?)(?: AS)?$/m;

/**
 * Splits the section at the comment that pg_dump writes before each entry:
 * `-- Name: contacts_pkey; Type: CONSTRAINT; Schema: public; Owner: -`.
 */
export function splitPostData(sql: string): PostData {
  const [preamble = '', ...entries] = sql.split(/^(?=--\n-- Name: .*; Type: .*; Schema: .*\n--\n)/m);
  const made = entries.flatMap((entry) => MADE_HERE.exec(entry)?.[1] ?? []);
  const isIndependent = (entry: string) =>
    INDEPENDENT.has(typeOf(entry)) && !made.some((view) => entry.includes(` ON ${view} `));
  return {
    preamble,
    independent: entries.filter(isIndependent),
    ordered: entries.filter((entry) => !isIndependent(entry)),
  };
}

/** Takes the last `Type:` on the line, because a name may contain the word too. */
function typeOf(entry: string): string {
  return /^-- Name: .*; Type: ([^;]+); Schema: .*$/m.exec(entry)?.[1] ?? '';
}
