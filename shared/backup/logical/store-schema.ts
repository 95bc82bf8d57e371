import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import type { Snapshot } from '../../database/engine.ts';
import { schemaFingerprint } from '../../database/schema-dump.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Manifest, StoredContent } from './manifest.ts';
import { contentPrefix, type NewRecoveryPoint } from './recovery-point-id.ts';

const compress = promisify(zstdCompress);

/** Dumps the schema of the snapshot and stores its two sections, compressed. */
export async function storeSchema(
  vault: Vault,
  snapshot: Snapshot,
  point: NewRecoveryPoint,
): Promise<Manifest['schema']> {
  const schema = await snapshot.dumpSchema();
  const store = async (section: string, sql: string): Promise<StoredContent> => {
    const body = await compress(sql);
    const stored = await vault.put(`${contentPrefix(point)}schema/${section}.sql.zst`, body, {
      contentType: 'application/zstd',
      lockedUntil: point.lockedUntil,
    });
    return { ...stored, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
  };
  const [preData, postData] = await Promise.all([
    store('pre-data', schema.preData),
    store('post-data', schema.postData),
  ]);
  return { fingerprint: schemaFingerprint(schema), preData, postData };
}
