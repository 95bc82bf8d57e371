import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ManifestDamaged,
  ManifestFormatUnsupported,
  parseManifest,
  readManifest,
  writeManifest,
} from '../../../../shared/backup/logical/manifest.ts';
import { manifestKey } from '../../../../shared/backup/logical/recovery-point-id.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { manifest, place } from './manifest-fixture.ts';

const lock = { contentType: 'application/json', lockedUntil: new Date('2026-11-04T00:00:00Z') };

/** Signed as the writer would, whatever is in it. */
function signed(content: unknown): string {
  const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return JSON.stringify({ sha256, manifest: content });
}

describe('a manifest', () => {
  test('is read as it was written', () => {
    expect(parseManifest(writeManifest(manifest), place)).toEqual(manifest);
  });

  test('is read from the vault by its place', async () => {
    const vault = memoryVault();
    await vault.put(manifestKey(place), writeManifest(manifest), lock);
    expect(await readManifest(vault, place)).toEqual(manifest);
  });

  test('that is missing is damage that names its key', async () => {
    await expect(readManifest(memoryVault(), place)).rejects.toThrow(
      new ManifestDamaged(`there is no manifest "manifests/main/full/${place.id}.json"`),
    );
  });

  test('that cannot be fetched is no damage', async () => {
    const vault = memoryVault();
    vault.read = async () => {
      throw new Error('SlowDown');
    };
    await expect(readManifest(vault, place)).rejects.toThrow(/^SlowDown$/);
  });

  test('with any one character altered is refused', () => {
    const text = writeManifest(manifest);
    let refused = 0;
    for (let at = 0; at < text.length; at += 1) {
      // Line breaks and indents are not part of what is signed.
      if (/\s/.test(text[at] ?? '')) continue;
      const altered = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
      expect(() => parseManifest(altered, place), `character ${at}`).toThrow(ManifestDamaged);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  test('that was cut is refused', () => {
    const text = writeManifest(manifest);
    for (const length of [0, 1, text.length >> 1, text.length - 1])
      expect(() => parseManifest(text.slice(0, length), place)).toThrow(/cannot be read/);
  });

  test.each([
    ['id', { ...place, id: '20261006T020000Z-1f2e3d4c-a1b2c3d4' }],
    ['backup', { ...place, backup: 'hourly' }],
    ['database', { ...place, database: 'audit' }],
  ])('of another %s is refused, sound as it is', (_, elsewhere) => {
    expect(() => parseManifest(writeManifest(manifest), elsewhere)).toThrow(
      `belongs to main/full/${place.id}`,
    );
  });

  test.each([
    ['no format', { ...manifest, format: undefined }, 'format'],
    ['no table', { ...manifest, tables: [] }, 'tables'],
    ['a table without parts', { ...manifest, tables: [{ ...manifest.tables[0], parts: [] }] }, 'parts'],
    ['text that is not a time', { ...manifest, snapshotAt: 'yesterday' }, 'snapshotAt'],
    [
      'a missing fingerprint',
      { ...manifest, schema: { ...manifest.schema, fingerprint: undefined } },
      'fingerprint',
    ],
    ['nothing', null, ''],
  ])('with %s is refused though its sha256 fits', (_, content, names) => {
    expect(() => parseManifest(signed(content), place)).toThrow(ManifestDamaged);
    expect(() => parseManifest(signed(content), place)).toThrow(names);
  });

  test.each([
    ['lifeboat-logical-1', 'written by Lifeboat before November 2026'],
    ['lifeboat-logical-3', 'written by a later version of Lifeboat'],
  ])('of the format %s is refused as no damage, with who wrote it and what to do', (format, writer) => {
    const read = () => parseManifest(signed({ ...manifest, format }), place);
    expect(read).toThrow(ManifestFormatUnsupported);
    expect(read).toThrow(writer);
    expect(read).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^Take a backup with this version/) }),
    );
  });

  test('keeps every digit of a fingerprint', () => {
    expect(parseManifest(writeManifest(manifest), place).tables[0]?.content).toBe('-12345678901234567890123');
  });
});
