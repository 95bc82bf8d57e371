import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { readable } from '../../database/table.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { ObjectMissing, type Vault } from '../../vault/vault.ts';
import { openBlocks } from './block.ts';
import type { Manifest, ManifestTable, StoredContent, TablePart } from './manifest.ts';

/** An object of the recovery point is missing or altered, or its content cannot be loaded: the backup is bad. */
export class RecoveryPointDamaged extends LifeboatError {
  override readonly name = 'RecoveryPointDamaged';
  override readonly kind = 'damaged';
}

/** Opens an object that a manifest names. @throws RecoveryPointDamaged if the vault does not hold it */
export async function openStored(vault: Vault, content: StoredContent): Promise<Readable> {
  try {
    return await vault.open(content);
  } catch (cause) {
    if (cause instanceof ObjectMissing)
      throw new RecoveryPointDamaged(`"${content.key}" is missing`, { cause });
    throw cause;
  }
}

/**
 * Reads the rows of one part, block by block. If the object is not the one that was written, the stream fails instead of
 * ending, so that COPY is never told that it is complete.
 *
 * @throws RecoveryPointDamaged, BlockDamaged
 */
export async function* readRows(
  vault: Vault,
  manifest: Manifest,
  table: ManifestTable,
  part: TablePart,
): AsyncGenerator<Buffer> {
  const stored = await openStored(vault, part);
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of stored as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  }
  yield* openBlocks(hashed(), {
    recoveryPoint: manifest.recoveryPoint,
    content: readable(table),
    part: part.part,
  });
  requireSha256(part, hash.digest('hex'));
}

/** Reads the stored schema, verified. @throws RecoveryPointDamaged */
export async function readStoredSchema(vault: Vault, { schema }: Manifest): Promise<Buffer> {
  const { archive } = schema;
  const stored = Buffer.concat(await (await openStored(vault, archive)).toArray());
  requireSha256(archive, createHash('sha256').update(stored).digest('hex'));
  return stored;
}

function requireSha256({ key, sha256 }: StoredContent, found: string): void {
  if (found !== sha256)
    throw new RecoveryPointDamaged(`"${key}" is not the object that was written: its sha256 differs`);
}
