import { describe, expect, test } from 'vitest';
import { logicalRecoveryPoints } from '../../../../shared/backup/logical/logical-recovery-points.ts';
import { recoveryPointId } from '../../../../shared/backup/logical/recovery-point-id.ts';
import { memoryVault } from '../../vault/memory-vault.ts';

/** One a night, oldest first. */
const ids = Array.from({ length: 4 }, (_, night) =>
  recoveryPointId(new Date(Date.UTC(2026, 8, 1 + night, 2)), `nightly-${night}`, 'a1b2c3d4'),
);

describe('the list of logical recovery points', () => {
  test('lists the complete ones of one backup, oldest first', async () => {
    const vault = memoryVault();
    const options = { contentType: 'application/json', lockedUntil: new Date('2026-12-01T00:00:00Z') };
    const [first = '', second = '', third = '', fourth = ''] = ids;
    for (const key of [
      `manifests/main/full/${second}.json`,
      `manifests/main/full/${first}.json`,
      `manifests/main/full/notes.json`,
      `manifests/main/full-weekly/${third}.json`,
      // Begun and never completed: it has objects and no manifest.
      `recovery-points/main/full/${fourth}/rows/0/0.lbk`,
    ])
      await vault.put(key, '{}', options);
    const { list } = logicalRecoveryPoints(vault);
    expect(await list({ database: 'main', backup: 'full' })).toEqual([
      { id: first, begunAt: new Date('2026-09-01T02:00:00Z') },
      { id: second, begunAt: new Date('2026-09-02T02:00:00Z') },
    ]);
    expect(await list({ database: 'main', backup: 'none' })).toEqual([]);
  });
});
