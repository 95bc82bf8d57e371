/** Settings that any session may have otherwise, because they change no row, no definition and no comparison. */
export const REVIEWED = {
  /** How fast, how much memory, and what is logged. */
  categories: new Set([
    'Query Tuning / Genetic Query Optimizer',
    'Query Tuning / Planner Cost Constants',
    'Query Tuning / Planner Method Configuration',
    'Reporting and Logging / Process Title',
    'Reporting and Logging / What to Log',
    'Reporting and Logging / When to Log',
    'Replication / Sending Servers',
    'Resource Usage / Disk',
    'Resource Usage / I/O',
    'Resource Usage / Memory',
    'Resource Usage / Worker Processes',
    'Statistics / Cumulative Query and Index Statistics',
    'Statistics / Monitoring',
    'Vacuuming / Cost-Based Vacuum Delay',
    'Vacuuming / Default Behavior',
    'Vacuuming / Freezing',
    'Write-Ahead Log / Settings',
    'Lock Management',
    'Connections and Authentication / TCP Settings',
    'Client Connection Defaults / Shared Library Preloading',
  ]),
  names: new Set([
    // Planning: how, never what.
    ...['cursor_tuple_fraction', 'default_statistics_target', 'from_collapse_limit', 'join_collapse_limit'],
    ...['plan_cache_mode', 'recursive_worktable_factor'],
    ...['jit_dump_bitcode', 'jit_expressions', 'jit_tuple_deforming'],
    // Words of messages, and where libraries are looked up.
    ...['lc_messages', 'dynamic_library_path', 'extension_control_path', 'icu_validation_level'],
    // The current transaction's; its defaults are pinned.
    ...['transaction_deferrable', 'transaction_isolation', 'transaction_read_only'],
    // Warnings.
    ...['escape_string_warning', 'md5_password_warnings'],
    // How a row is stored, not what it says. The order of a scan: a fingerprint is a sum.
    ...['default_toast_compression', 'gin_pending_list_limit', 'synchronize_seqscans'],
    // Large objects are read by their owner or a superuser either way.
    'lo_compat_privileges',
    // A restored event trigger needs a superuser, and the server's own ones are not the session's business.
    'event_triggers',
    // Passwords of roles are no part of a database.
    ...['password_encryption', 'scram_iterations'],
    // For developers of the server.
    ...[
      'allow_in_place_tablespaces',
      'allow_system_table_mods',
      'backtrace_functions',
      'debug_discard_caches',
    ],
    ...['debug_logical_replication_streaming', 'debug_parallel_query', 'trace_notify', 'trace_sort'],
    'wal_consistency_checking',
  ]),
};
