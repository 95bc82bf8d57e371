import type pg from 'pg';
import { shareOut } from '../../../concurrency/share-out.ts';
import type { BlockPosition, BlocksRead, StorageFault } from '../../engine.ts';
import type { Connections } from '../connections.ts';
import { corruptionIn, isNotAllowed } from './damage.ts';
import { addExtension } from './extension.ts';
import { listRelations, type Relation } from './relations.ts';

const BLOCK_BYTES = 8_192;
/** 64 MiB: a few seconds at the speed at which RDS fetches blocks that nobody has read since the restore. */
const CHUNK_BLOCKS = 8_192;
/** Chunks between two looks at the time, for each connection. */
const CHUNKS_AT_ONCE = 4;

/** A run of blocks of one relation. */
interface Chunk {
  readonly relation: Relation;
  readonly from: number;
  readonly blocks: number;
}

/**
 * Reads every block of a database into the server's cache, which verifies its checksum. What is `available` on RDS is fetched
 * from S3 only now, block by block, when it is read first.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
 *
 * Catalogues that no login but the server's own may read are left out: the server itself reads them all the time.
 *
 * @param from where an earlier call ended; null to begin
 */
export async function readBlocks(
  connections: Connections,
  signal: AbortSignal,
  from: BlockPosition | null,
  hasTime: () => boolean,
): Promise<BlocksRead> {
  const [first] = connections;
  const schema = await addExtension(first, 'pg_prewarm');
  const relations = await listRelations(first);
  const damaged: StorageFault[] = [];
  const unread = new Set(relations.filter(isUnreadable).map(({ name }) => name));
  const chunks = relations.flatMap((relation) => chunksOf(relation, from, schema !== null));
  const read = new Set<number>();
  let bytes = 0;
  const step = connections.length * CHUNKS_AT_ONCE;
  for (let at = 0; at < chunks.length; at += step) {
    if (at > 0 && !hasTime()) return { ...found(), next: positionOf(chunks[at] as Chunk) };
    await shareOut(connections, chunks.slice(at, at + step), signal, async (connection, chunk) => {
      const { name, table, oid } = chunk.relation;
      try {
        await (schema !== null ? prewarm(connection, schema, chunk) : scan(connection, chunk.relation));
        read.add(oid);
        bytes += chunk.blocks * BLOCK_BYTES;
      } catch (error) {
        const corruption = corruptionIn(error);
        if (corruption !== null)
          damaged.push({ table, reason: name === table ? corruption : `${name}: ${corruption}` });
        else if (isNotAllowed(error)) unread.add(name);
        else throw error;
      }
    });
  }
  return { ...found(), next: null };

  function found() {
    return {
      bytes,
      relations: read.size,
      damaged,
      unread: schema !== null ? [...unread] : [...unread, NO_PREWARM],
    };
  }
}

const NO_PREWARM = 'indexes and sequences: the extension pg_prewarm cannot be created';

/** The server reads its own catalogues, so that only what belongs to the application is missed. */
function isUnreadable({ readable, system, kind }: Relation): boolean {
  return !readable && !system && (kind === 'table' || kind === 'sequence');
}

function chunksOf(relation: Relation, from: BlockPosition | null, prewarms: boolean): Chunk[] {
  const { oid, blocks, readable, system, kind } = relation;
  // Whether long values and indexes may be read follows from their table.
  if (!readable && (system || kind === 'table' || kind === 'sequence')) return [];
  if (from !== null && oid < from.relation) return [];
  const begin = from?.relation === oid ? from.block : 0;
  if (!prewarms) return kind === 'table' && begin === 0 ? [{ relation, from: 0, blocks }] : [];
  const chunks: Chunk[] = [];
  for (let block = begin; block < blocks; block += CHUNK_BLOCKS)
    chunks.push({ relation, from: block, blocks: Math.min(CHUNK_BLOCKS, blocks - block) });
  return chunks;
}

/** `buffer` verifies checksums; `read` does not. https://www.postgresql.org/docs/current/pgprewarm.html */
async function prewarm(client: pg.Client, schema: string, { relation, from, blocks }: Chunk): Promise<void> {
  await client.query(`SELECT ${schema}.pg_prewarm($1::regclass, 'buffer', 'main', $2, $3)`, [
    relation.oid,
    from,
    from + blocks - 1,
  ]);
}

/** Reads every row with its long values. */
async function scan(client: pg.Client, { oid }: Relation): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT $1::regclass::text AS name', [oid]);
  await client.query(
    `SELECT pg_catalog.count(pg_catalog.length(whole::text)) FROM ONLY ${rows[0]?.name} AS whole`,
  );
}

function positionOf({ relation, from }: Chunk): BlockPosition {
  return { relation: relation.oid, block: from };
}
