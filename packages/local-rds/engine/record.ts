import { readFile } from 'node:fs/promises';
import type { FullDisk } from './full-disk/full-disk.ts';
import { writeWhole } from './ownership.ts';

/**
 * What is known of a cluster beside its data. Written whole or not at all, and `whole` only when the cluster is: the next start
 * removes everything else.
 */
export interface ClusterRecord {
  readonly id: string;
  readonly state: 'making' | 'whole' | 'deleting';
  readonly port: number;
  readonly master: string;
  /** Folder of the WAL archive. */
  readonly archive: string;
  /** Set while deleting: the archive outlives the cluster. */
  readonly keepArchive?: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  /** The least that a standby's settings may be, or it does not start: those of its source. */
  readonly atLeast: Readonly<Record<string, number>>;
  /** What is being rehearsed. */
  readonly fullDisk: FullDisk;
  /** `until` as an ISO time. */
  readonly lazyReads?: { readonly delayMs: number; readonly until: string } | null;
  readonly replica: ReplicaRecord | null;
}

export interface ReplicaRecord {
  readonly sourcePort: number;
  /** The source keeps WAL for this slot as long as the replica has not had it. */
  readonly slot: string;
  readonly streaming: boolean;
}

export async function writeClusterRecord(file: string, record: ClusterRecord): Promise<void> {
  await writeWhole(file, JSON.stringify(record, null, 2));
}

/** Undefined when there is none. */
export async function readClusterRecord(file: string): Promise<ClusterRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ClusterRecord);
}
