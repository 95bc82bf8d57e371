import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import type { DatabaseAccess } from '../../database/access.ts';
import { dumpSchema, schemaFingerprint } from '../../database/postgres/schema-dump/dump-schema.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Manifest, StoredContent } from './manifest.ts';
import { contentPrefix, type NewRecoveryPoint } from './recovery-point.ts';

const compress = promisify(zstdCompress);

/** Dumps the schema as the snapshot shows it and stores its two sections, compressed. */
export async function storeSchema(
  vault: Vault,
  access: DatabaseAccess,
  snapshot: string,
  point: NewRecoveryPoint,
  signal: AbortSignal,
): Promise<Manifest['schema']> {
  const schema = await dumpSchema(access, { snapshot, signal });
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
