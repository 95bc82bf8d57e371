import { describeBackupMethod } from '../../contract/backup-method.ts';
import { memoryBackup } from './memory-backup.ts';

describeBackupMethod('the backup in memory', async () => {
  const method = memoryBackup();
  return {
    method,
    of: { database: 'main', backup: 'full' },
    damage: async ({ id }) => void method.damaged.add(id),
    missing: 'ManifestDamaged',
    afterRetention: new Date(Date.now() + 2 * 86_400_000),
  };
});
