import pLimit from 'p-limit';
import { ObjectMissing, type StoredObjectState, type Vault } from '../../vault/vault.ts';
import type { Proof, Proving } from '../method.ts';
import type { RecoveryPointPlace } from '../place.ts';
import { StoredBackupUnproven } from '../stored-backup-unproven.ts';
import { contentOf, type Manifest, readManifest, type StoredContent } from './manifest.ts';

/** How every object of the vault must be kept. */
export interface Keeping {
  readonly lock: 'governance' | 'compliance';
  /** ARN of the vault's KMS key. */
  readonly encryptionKey: string;
}

/** Requests at once: enough to hide their latency, few enough to stay below S3's rate for a prefix. */
const AT_ONCE = 16;

/**
 * Asks the vault about every object that a manifest names. Lock and encryption are proven for each object instead of
 * assumed from the bucket's settings.
 *
 * @throws StoredBackupUnproven naming the first objects at fault; ManifestDamaged
 */
export async function proveStored(vault: Vault, place: RecoveryPointPlace, keeping: Keeping): Promise<Proof> {
  const manifest = await readManifest(vault, place);
  const { lockedUntil } = manifest;
  const objects = contentOf(manifest);
  const faults: string[] = [];
  await pLimit(AT_ONCE).map(objects, async (object) => {
    const state = await inspectOrMissing(vault, object);
    const fault = state ? faultOf(object, state, new Date(lockedUntil), keeping) : 'is missing';
    if (fault) faults.push(`"${object.key}" ${fault}`);
  });
  if (faults.length > 0)
    throw new StoredBackupUnproven(
      `${faults.length} of ${objects.length} objects are not as they must be: ${faults.slice(0, 5).join('; ')}`,
      { hint: "Check the bucket's Object Lock and its KMS key before the next backup." },
    );
  return {
    objects: objects.length,
    keptUntil: lockedUntil,
    lockedUntil,
    summary: inWords(manifest, objects.length),
  };
}

function inWords({ tables, lockedUntil }: Manifest, objects: number): string {
  const rows = tables.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.rows, 0);
  return `${tables.length} tables, ${rows} rows in ${objects} objects, locked until ${lockedUntil}`;
}

/** Proves recovery points in a vault. @param keeping how the plan wants them to be kept */
export function logicalProving({ vault, keeping }: { vault: Vault; keeping: Keeping }): Proving {
  return { prove: (place) => proveStored(vault, place, keeping) };
}

async function inspectOrMissing(vault: Vault, object: StoredContent): Promise<StoredObjectState | null> {
  try {
    return await vault.inspect(object);
  } catch (error) {
    if (error instanceof ObjectMissing) return null;
    throw error;
  }
}

/** What is wrong with a stored object, in words; null if nothing is. S3 stores lock dates in whole seconds. */
export function faultOf(
  written: StoredContent,
  state: StoredObjectState,
  lockedUntil: Date,
  keeping: Keeping,
): string | null {
  if (state.bytes !== written.bytes) return `has ${state.bytes} bytes, ${written.bytes} were written`;
  if (state.lockMode !== keeping.lock)
    return `is locked as ${state.lockMode ?? 'nothing'}, expected ${keeping.lock}`;
  const locked = state.lockedUntil ? Math.floor(state.lockedUntil.getTime() / 1000) : 0;
  if (locked < Math.floor(lockedUntil.getTime() / 1000))
    return `is locked until ${state.lockedUntil?.toISOString() ?? 'never'}, expected ${lockedUntil.toISOString()}`;
  if (!state.encryptionKey || keyId(state.encryptionKey) !== keyId(keeping.encryptionKey))
    return `is encrypted with ${state.encryptionKey ?? 'no key of ours'}, expected ${keeping.encryptionKey}`;
  return null;
}

/** S3 returns the key's ARN or its last part. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function keyId(arnOrId: string): string {
  return arnOrId.slice(arnOrId.lastIndexOf('/') + 1);
}
