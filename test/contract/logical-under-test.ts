import { logicalBackup } from '../../shared/backup/logical/logical-backup.ts';
import type { LogicalRecoveryPoint } from '../../shared/backup/logical/logical-recovery-point.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import type { Snapshots } from '../../shared/database/engine.ts';
import { ObjectMissing, type Vault } from '../../shared/vault/vault.ts';
import type { BackupMethodUnderTest } from './backup-method.ts';

const encryptionKey = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
let attempts = 0;

/**
 * The logical backup of a database, over any vault and engine. A vault neither loses objects nor encrypts them where a test
 * can see it, so both are told by `inspect`.
 */
export function logicalUnderTest(
  store: Vault,
  snapshots: Snapshots,
  access: DatabaseAccess,
  database: string,
): BackupMethodUnderTest<LogicalRecoveryPoint> {
  const missing = new Set<string>();
  const vault: Vault = {
    ...store,
    async inspect(object) {
      if (missing.has(object.key)) throw new ObjectMissing(object.key);
      return { ...(await store.inspect(object)), encryptionKey };
    },
  };
  return {
    method: logicalBackup({
      vault,
      snapshots,
      clock: { now: () => new Date() },
      progress: { report: () => {}, settled: async () => {} },
      attempt: `a${attempts++}`,
      keeping: { lock: 'governance', encryptionKey },
      settings: {
        workload: 'mailblast',
        planVersion: '0123456789ab',
        access,
        rows: 'binary',
        retention: 86_400_000,
        connections: 2,
      },
    }),
    of: { database, backup: 'full' },
    async damage({ manifest }) {
      missing.add(manifest.tables[0]?.parts[0]?.key ?? '');
    },
    missing: 'ManifestDamaged',
    afterRetention: new Date(Date.now() + 2 * 86_400_000),
  };
}
