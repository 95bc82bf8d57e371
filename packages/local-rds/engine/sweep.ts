import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Swept } from './engine.ts';
import { clusterLayout, type Layout } from './layout.ts';
import { endLeftovers } from './leftovers.ts';
import { type ReplicaRecord, readClusterRecord } from './record.ts';

/** What the source of a replica that was never finished would keep its WAL for; dropped when the source starts. */
export type AbandonedSlot = Pick<ReplicaRecord, 'sourcePort' | 'slot'>;

/** Ends what still runs of a dead program, and removes what it had half made or half deleted. */
export async function sweep(layout: Layout): Promise<Swept & { slots: readonly AbandonedSlot[] }> {
  const slots: AbandonedSlot[] = [];
  const clusters: string[] = [];
  let processes = 0;
  for (const id of await readdir(layout.clusters)) {
    const cluster = clusterLayout(layout, id);
    processes += await endLeftovers(cluster.data);
    const record = await readClusterRecord(cluster.record);
    if (record?.state === 'whole') continue;
    if (record?.replica) slots.push(record.replica);
    if (record && !record.keepArchive) await rm(record.archive, { recursive: true, force: true });
    await rm(cluster.folder, { recursive: true, force: true });
    clusters.push(id);
  }
  for (const draft of await readdir(layout.drafts)) {
    processes += await endLeftovers(path.join(layout.drafts, draft, 'data'));
    await rm(path.join(layout.drafts, draft), { recursive: true, force: true });
  }
  return { clusters, processes, slots };
}
