import { describe, expect, test } from 'vitest';
import { writeManifest } from '../../../../shared/backup/logical/manifest.ts';
import { nearestManifest } from '../../../../shared/backup/logical/nearest-manifest.ts';
import { manifestKey, recoveryPointId } from '../../../../shared/backup/logical/recovery-point-id.ts';
import type { Backups } from '../../../../shared/plan/sections/backups.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { manifest } from './manifest-fixture.ts';

const takenAt = new Date('2026-10-05T12:00:00Z');
const backups = { full: { logical: { rows: 'binary' } }, hourly: { rdsSnapshot: {} } } as unknown as Backups;
const HOUR = 3_600_000;

/** A vault with the manifests of these hours before the moment, changed on the way into it. */
async function vaultOf(stored: Record<number, (text: string) => string>) {
  const vault = memoryVault();
  const ids: string[] = [];
  for (const [hours, change] of Object.entries(stored)) {
    const id = recoveryPointId(
      new Date(takenAt.getTime() - Number(hours) * HOUR),
      `run-${hours}`,
      'a1b2c3d4',
    );
    const place = { database: 'main', backup: 'full', id };
    const text = change(writeManifest({ ...manifest, recoveryPoint: id }));
    const options = { contentType: 'application/json', lockedUntil: takenAt };
    await vault.put(manifestKey(place), text, options);
    ids.push(id);
  }
  const { manifest: found, unreadable } = await nearestManifest(vault, {
    database: 'main',
    backups,
    takenAt,
  });
  return { ids, found: found?.recoveryPoint ?? null, unreadable };
}

const whole = (text: string) => text;
/** One bit of one character of the source's version. */
const flipped = (text: string) => text.replace('18.4', '18.5');
const cut = (text: string) => text.slice(0, text.length >> 1);

describe('the nearest manifest', () => {
  test('is that of the nearest moment, before or after', async () => {
    const { ids, found, unreadable } = await vaultOf({ 1: whole, 10: whole });
    expect({ found, unreadable }).toEqual({ found: ids[0], unreadable: [] });
    const after = await vaultOf({ [-2]: whole, 3: whole });
    expect(after.found).toBe(after.ids.find((id) => id.startsWith('20261005T14')));
  });

  test('is none where the nearest is more than 26 hours away', async () => {
    expect(await vaultOf({ 27: whole })).toMatchObject({ found: null, unreadable: [] });
    expect(await vaultOf({})).toMatchObject({ found: null, unreadable: [] });
  });

  test.each([
    ['one flipped bit', flipped, 'ManifestDamaged'],
    ['its second half missing', cut, 'ManifestDamaged'],
  ])('with %s is left out by name, and the next near one is taken', async (_, damage, name) => {
    const { ids, found, unreadable } = await vaultOf({ 1: damage, 10: whole });
    expect(found).toBe(ids[1]);
    expect(unreadable).toMatchObject([{ id: ids[0], error: { name } }]);
  });

  test('of the format of another version is left out as well', async () => {
    const { createHash } = await import('node:crypto');
    const old = () => {
      const other = { format: 'lifeboat-logical-1' };
      const sha256 = createHash('sha256').update(JSON.stringify(other)).digest('hex');
      return JSON.stringify({ sha256, manifest: other });
    };
    const { ids, found, unreadable } = await vaultOf({ 1: old, 2: whole });
    expect(found).toBe(ids[1]);
    expect(unreadable).toMatchObject([{ id: ids[0], error: { name: 'ManifestFormatUnsupported' } }]);
  });

  test('is none where each near one is damaged; those further away are not read', async () => {
    const { ids, found, unreadable } = await vaultOf({ 1: flipped, 5: cut, 30: flipped });
    expect(found).toBeNull();
    expect(unreadable.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  });

  test('is not known where the vault does not respond: that is not taken for damage', async () => {
    const vault = memoryVault();
    const id = recoveryPointId(takenAt, 'run', 'a1b2c3d4');
    const key = manifestKey({ database: 'main', backup: 'full', id });
    await vault.put(key, '{}', { contentType: 'application/json', lockedUntil: takenAt });
    const broken = { ...vault, read: () => Promise.reject(new Error('slow down')) };
    await expect(nearestManifest(broken, { database: 'main', backups, takenAt })).rejects.toThrow(
      'slow down',
    );
  });
});
