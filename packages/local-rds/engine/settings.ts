import path from 'node:path';
import type { Certificates, KeyPair } from './certificates.ts';
import type { ClusterLayout } from './layout.ts';
import { give, makeServerFolder, writeServerFile } from './ownership.ts';
import { ADMIN, REPLICATOR } from './roles.ts';

/** How far a restore goes, and where it gets its segments. */
export interface Recovery {
  readonly target: { readonly time: Date } | { readonly lsn: string } | 'consistency';
}

/** Where a standby streams from. */
export interface Source {
  readonly port: number;
  readonly slot: string;
  readonly standbyName: string;
}

export interface Settings {
  readonly port: number;
  /** Null: nothing is archived, and nothing can be restored. */
  readonly archive: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly atLeast: Readonly<Record<string, number>>;
  readonly recovery?: Recovery | undefined;
  readonly source?: Source | undefined;
}

/** What the engine needs to be as it is, whatever a client of the service asks for. */
export const RESERVED: ReadonlySet<string> = new Set([
  'allow_alter_system',
  'archive_cleanup_command',
  'archive_command',
  'archive_library',
  'archive_mode',
  'basic_archive.archive_directory',
  'cluster_name',
  'config_file',
  'data_directory',
  'event_source',
  'extension_control_path',
  'external_pid_file',
  'fsync',
  'full_page_writes',
  'hba_file',
  'hot_standby',
  'ident_file',
  'listen_addresses',
  'log_destination',
  'log_directory',
  'log_filename',
  'logging_collector',
  'port',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'recovery_end_command',
  'recovery_target',
  'recovery_target_action',
  'recovery_target_inclusive',
  'recovery_target_lsn',
  'recovery_target_name',
  'recovery_target_time',
  'recovery_target_timeline',
  'recovery_target_xid',
  'restore_command',
  'ssl',
  'ssl_ca_file',
  'ssl_cert_file',
  'ssl_crl_dir',
  'ssl_crl_file',
  'ssl_key_file',
  'ssl_passphrase_command',
  'unix_socket_directories',
  'unix_socket_group',
  'unix_socket_permissions',
]);

/** Certificates and rules of access; the settings themselves come with `writeSettings`. */
export async function makeSettingsFolder(layout: ClusterLayout, { ca, server }: Certificates): Promise<void> {
  await makeServerFolder(layout.settings);
  const at = (name: string) => path.join(layout.settings, name);
  await Promise.all([
    writeServerFile(at('ca.crt'), ca),
    writeServerFile(at('server.crt'), server.certificate),
    writeServerFile(at('server.key'), server.key),
    writeServerFile(at('pg_hba.conf'), accessRules),
    writeServerFile(at('pg_ident.conf'), ''),
  ]);
}

/** What a standby shows to its source, which may have another authority. */
export async function writeSourceLogin(layout: ClusterLayout, ca: string, login: KeyPair): Promise<void> {
  const at = (name: string) => path.join(layout.settings, name);
  await Promise.all([
    writeServerFile(at('source-ca.crt'), ca),
    writeServerFile(at('source-client.crt'), login.certificate),
    writeServerFile(at('source-client.key'), login.key),
  ]);
}

export const settingsFile = (layout: ClusterLayout) => path.join(layout.settings, 'postgresql.conf');

/** Replaces the settings as a whole; a running server sees them when it reloads. */
export async function writeSettings(layout: ClusterLayout, settings: Settings): Promise<void> {
  await writeServerFile(settingsFile(layout), settingsText(layout, settings));
  await give(layout.settings);
}

/**
 * The internal users log in with a certificate and by nothing else: a password of theirs does not exist, and a client that
 * knows none of the engine's keys cannot become them. Everybody else needs TLS and a password, as with `rds.force_ssl`.
 */
const accessRules = `# TYPE   DATABASE     USER                    ADDRESS        METHOD
hostssl  all          ${ADMIN},${REPLICATOR}  127.0.0.1/32   cert
hostssl  replication  ${REPLICATOR}           127.0.0.1/32   cert
hostssl  all          all                     127.0.0.1/32   scram-sha-256
`;

/** Later lines win: first what a client may change, then what it asked for, then what it may not change. */
function settingsText(layout: ClusterLayout, settings: Settings): string {
  return [
    '# Written by the program; changes are lost. Copies that live as long as a rehearsal do not need fsync: a killed',
    "# server loses nothing by its absence, because what was written is in the kernel's cache already.",
    ...lines({ ...defaults, ...settings.parameters, ...raised(settings) }),
    ...lines(own(layout, settings)),
    '',
  ].join('\n');
}

const defaults = {
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  min_wal_size: '32MB',
  max_wal_senders: '40',
  max_replication_slots: '40',
  // What a source keeps for a replica that does not come back: a laptop's disk is not endless.
  max_slot_wal_keep_size: '8GB',
  wal_level: 'replica',
  // How soon a standby looks again for a source that was away; 5 s is for networks.
  wal_retrieve_retry_interval: '200ms',
  shared_preload_libraries: 'pg_stat_statements', // as on RDS
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%u@%d ',
  ssl_min_protocol_version: 'TLSv1.2',
};

/** A standby with less than its source does not start. */
function raised({ parameters, atLeast }: Settings): Record<string, string> {
  const given: Readonly<Record<string, string>> = { ...defaults, ...parameters };
  const entries = Object.entries(atLeast).filter(([name, least]) => !(Number(given[name]) >= least));
  return Object.fromEntries(entries.map(([name, least]) => [name, String(least)]));
}

function own(layout: ClusterLayout, { port, archive, recovery, source }: Settings): Record<string, string> {
  const at = (name: string) => path.join(layout.settings, name);
  return {
    allow_alter_system: 'off',
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    hba_file: at('pg_hba.conf'),
    ident_file: at('pg_ident.conf'),
    ssl: 'on',
    ssl_ca_file: at('ca.crt'),
    ssl_cert_file: at('server.crt'),
    ssl_key_file: at('server.key'),
    fsync: 'off',
    full_page_writes: 'on',
    extension_control_path: `${layout.extensions}:$system`,
    ...(archive === null ? { archive_mode: 'off' } : archiveSettings(archive)),
    ...(recovery ? recoverySettings(recovery) : {}),
    ...(source ? sourceSettings(layout, source) : {}),
  };
}

/** PostgreSQL's own archiver: writes to a temporary name, then renames, and takes an identical file for done. */
function archiveSettings(archive: string): Record<string, string> {
  return { archive_mode: 'on', archive_library: 'basic_archive', 'basic_archive.archive_directory': archive };
}

function recoverySettings({ target }: Recovery): Record<string, string> {
  return {
    // No client may connect before the target is reached; it also asks for settings as large as the source's.
    hot_standby: 'off',
    restore_command: 'cp "../restore-from/%f" "%p"',
    recovery_target_action: 'promote',
    recovery_target_inclusive: 'on',
    ...(target === 'consistency'
      ? { recovery_target: 'immediate' }
      : 'time' in target
        ? { recovery_target_time: timestamp(target.time) }
        : { recovery_target_lsn: target.lsn }),
  };
}

/** PostgreSQL knows no `Z` yet when it reads its settings. */
function timestamp(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '+00');
}

function sourceSettings(layout: ClusterLayout, source: Source): Record<string, string> {
  const at = (name: string) => path.join(layout.settings, name);
  const words = {
    host: '127.0.0.1',
    port: String(source.port),
    user: REPLICATOR,
    application_name: source.standbyName,
    sslmode: 'verify-full',
    sslrootcert: at('source-ca.crt'),
    sslcert: at('source-client.crt'),
    sslkey: at('source-client.key'),
  };
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return {
    primary_slot_name: source.slot,
    primary_conninfo: Object.entries(words)
      .map(([word, value]) => `${word}='${escaped(value)}'`)
      .join(' '),
  };
}

function lines(values: Record<string, string>): string[] {
  return Object.entries(values).map(
    ([name, value]) =>
      `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`,
  );
}
