import { listTree } from './copy-tree.ts';

/** Folders that a copy has, but empty: what is in them means nothing to another server. After PostgreSQL's basebackup.c. */
const EMPTIED = new Set([
  'pg_wal',
  'pg_wal/archive_status',
  'pg_wal/summaries',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

const LEFT_OUT = new Set([
  'backup_label',
  'backup_label.old',
  'backup_manifest',
  'current_logfiles',
  'postgresql.auto.conf.tmp',
  'postmaster.opts',
  'postmaster.pid',
  'recovery.signal',
  'standby.signal',
  'tablespace_map',
]);

/** Last of all, because a standby's copy is consistent from where this file says. */
export const CONTROL_FILE = 'global/pg_control';

/** What an online backup copies of a data folder, the control file apart. */
export async function listDataFiles(dataFolder: string): Promise<{ folders: string[]; files: string[] }> {
  const { folders, files } = await listTree(dataFolder);
  const unlogged = new Set(files.filter((file) => file.endsWith('_init')).map((file) => file.slice(0, -5)));
  return {
    folders: folders.filter(
      (folder) => EMPTIED.has(folder) || ![...EMPTIED].some((at) => folder.startsWith(`${at}/`)),
    ),
    files: files.filter((file) => isCopied(file, unlogged)),
  };
}

function isCopied(file: string, unlogged: ReadonlySet<string>): boolean {
  const slash = file.lastIndexOf('/');
  const [folder, name] = [file.slice(0, Math.max(slash, 0)), file.slice(slash + 1)];
  if (file === CONTROL_FILE || LEFT_OUT.has(file)) return false;
  if (EMPTIED.has(folder) || [...EMPTIED].some((each) => folder.startsWith(`${each}/`))) return false;
  if (name.startsWith('pg_internal.init') || file.split('/').some((part) => part.startsWith('pgsql_tmp')))
    return false;
  if (/^t\d+_\d+/.test(name)) return false; // temporary tables
  // Recovery makes an unlogged table anew from its `_init` fork.
  const relation = /^(\d+)(?:_(?:fsm|vm))?(?:\.\d+)?$/.exec(name)?.[1];
  return relation === undefined || !unlogged.has(`${folder}/${relation}`);
}
