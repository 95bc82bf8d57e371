import { createHash } from 'node:crypto';
import type { Snapshot } from '../../database/engine.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Manifest } from './manifest.ts';
import { contentPrefix, type NewRecoveryPoint } from './recovery-point-id.ts';

/** Dumps the schema of the snapshot and stores it as it is, so that the engine's own tools read it too. */
export async function storeSchema(
  vault: Vault,
  snapshot: Snapshot,
  point: NewRecoveryPoint,
): Promise<Manifest['schema']> {
  const { archive, fingerprint, roles, invalidIndexes, fragileConstraints, notCarried } =
    await snapshot.dumpSchema();
  const stored = await vault.put(`${contentPrefix(point)}schema/schema.dump`, archive, {
    contentType: 'application/octet-stream',
    lockedUntil: point.firstLockedUntil,
    provisional: true,
  });
  return {
    fingerprint,
    archive: {
      ...stored,
      bytes: archive.length,
      sha256: createHash('sha256').update(archive).digest('hex'),
    },
    roles: [...roles],
    invalidIndexes: [...invalidIndexes],
    fragileConstraints: fragileConstraints.map((each) => ({
      ...each,
      collations: each.collations.map((one) => ({ ...one, versions: [...one.versions] })),
    })),
    notCarried: [...notCarried],
  };
}
