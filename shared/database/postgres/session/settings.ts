/** Settings of a session by name. A setting that a server does not have is left out there. */
export type Settings = Readonly<Record<string, string>>;

/**
 * How a session reads SQL and values. A server, a database or a role can change each by default, and a dump is written
 * for these.
 * https://www.postgresql.org/docs/current/runtime-config-compatible.html
 */
const READ_ALIKE: Settings = {
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  array_nulls: 'on',
  // A document reads as content too. The reverse is an error.
  xmloption: 'content',
  timezone_abbreviations: 'Default',
};

/**
 * How a session writes values. A fingerprint is made of that text, so servers with different defaults must write the same
 * row alike.
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const WRITTEN_ALIKE: Settings = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  default_text_search_config: 'pg_catalog.simple',
  quote_all_identifiers: 'off',
};

/** Which objects and rows a session sees. */
const WHOLE: Settings = {
  search_path: '',
  // A policy that hides rows must raise an error, not shorten a backup.
  row_security: 'off',
  restrict_nonsystem_relation_kind: '',
  gin_fuzzy_search_limit: '0',
  constraint_exclusion: 'partition',
  // Either would read a damaged page as an empty one.
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
};

/** What a session creates, and where. */
const CREATED_ALIKE: Settings = {
  check_function_bodies: 'off',
  default_table_access_method: 'heap',
  default_tablespace: '',
  temp_tablespaces: '',
  createrole_self_grant: '',
};

/** How long a session lives, and what its transactions may do. */
const UNDISTURBED: Settings = {
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  exit_on_error: 'off',
  client_min_messages: 'warning',
  // A backup must not take more of a busy source than its own connections.
  max_parallel_workers_per_gather: '0',
  // Queries of the catalogue look expensive and are not: compiling one takes longer than running it.
  jit: 'off',
};

/** The settings of every session of Lifeboat, whatever it does, unless its purpose says otherwise. */
export const PINNED: Settings = {
  ...READ_ALIKE,
  ...WRITTEN_ALIKE,
  ...WHOLE,
  ...CREATED_ALIKE,
  ...UNDISTURBED,
};

/** A load may lose what it wrote: after a crash of the scratch server the restore is repeated. */
export const LOADING: Settings = {
  ...PINNED,
  synchronous_commit: 'off',
  // In kB.
  maintenance_work_mem: '262144',
  max_parallel_maintenance_workers: '0',
  // As a replica the server would not check foreign keys.
  session_replication_role: 'origin',
};
