import { describe, expect, test } from 'vitest';
import { writeManifest } from '../../../../shared/backup/logical/manifest.ts';
import { faultOf, type Keeping, proveStored } from '../../../../shared/backup/logical/prove-stored.ts';
import { manifestKey } from '../../../../shared/backup/logical/recovery-point-id.ts';
import { ObjectMissing, type StoredObjectState } from '../../../../shared/vault/vault.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { manifest, place } from './manifest-fixture.ts';

const arn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const keeping: Keeping = { lock: 'governance', encryptionKey: arn };
const written = manifest.schema.archive;
const lockedUntil = new Date(manifest.lockedUntil);
const sound: StoredObjectState = {
  bytes: written.bytes,
  lockMode: 'governance',
  lockedUntil: new Date('2026-11-04T02:00:01.000Z'),
  encryptionKey: arn,
};

describe('a stored object', () => {
  test.each<[string, Partial<StoredObjectState>, Keeping?]>([
    ['is locked to the second', {}],
    ['is locked longer', { lockedUntil: new Date('2036-01-01T00:00:00Z') }],
    ['names its key by the id alone', { encryptionKey: '1234abcd-12ab-34cd-56ef-1234567890ab' }],
    [
      'is locked for compliance, as the plan asks',
      { lockMode: 'compliance' },
      { ...keeping, lock: 'compliance' },
    ],
  ])('has no fault where it %s', (_, state, asked = keeping) => {
    expect(faultOf(written, { ...sound, ...state }, lockedUntil, asked)).toBeNull();
  });

  test.each<[string, Partial<StoredObjectState>, RegExp, Keeping?]>([
    ['a byte short', { bytes: 899 }, /^has 899 bytes, 900 were written$/],
    ['a byte long', { bytes: 901 }, /^has 901 bytes, 900 were written$/],
    ['not locked', { lockMode: null, lockedUntil: null }, /^is locked as nothing, expected governance$/],
    ['locked in another mode', { lockMode: 'compliance' }, /^is locked as compliance, expected governance$/],
    [
      'locked more weakly',
      {},
      /^is locked as governance, expected compliance$/,
      { ...keeping, lock: 'compliance' },
    ],
    [
      'locked a second short',
      { lockedUntil: new Date('2026-11-04T02:00:00.999Z') },
      /^is locked until 2026-11-04T02:00:00/,
    ],
    ['locked without a date', { lockedUntil: null }, /^is locked until never/],
    ['not encrypted by a key', { encryptionKey: null }, /^is encrypted with no key of ours/],
    [
      'encrypted with another key',
      { encryptionKey: arn.replace('1234abcd', '9999ffff') },
      /^is encrypted with arn.*9999ffff/,
    ],
  ])('that is %s has a fault', (_, state, fault, asked = keeping) => {
    expect(faultOf(written, { ...sound, ...state }, lockedUntil, asked)).toMatch(fault);
  });

  test('is not taken for encrypted where the plan names no key', () => {
    expect(
      faultOf(written, { ...sound, encryptionKey: null }, lockedUntil, { ...keeping, encryptionKey: '' }),
    ).not.toBeNull();
  });
});

describe('proveStored', () => {
  /** A vault that holds the manifest, and of whose objects each is as `state` says. */
  async function vaultWhere(state: (key: string, bytes: number) => Partial<StoredObjectState> | 'missing') {
    const vault = memoryVault();
    await vault.put(manifestKey(place), writeManifest(manifest), {
      contentType: 'application/json',
      lockedUntil,
    });
    const sizes = new Map(
      [manifest.schema.archive, ...manifest.tables.flatMap((table) => table.parts)].map(({ key, bytes }) => [
        key,
        bytes,
      ]),
    );
    const asked: string[] = [];
    vault.inspect = async ({ key }) => {
      asked.push(key);
      const bytes = sizes.get(key) ?? Number.NaN;
      const found = state(key, bytes);
      if (found === 'missing') throw new ObjectMissing(key);
      return { ...sound, bytes, ...found };
    };
    return { vault, asked };
  }

  test('asks of every object that the manifest names, once', async () => {
    const { vault, asked } = await vaultWhere(() => ({}));
    expect(await proveStored(vault, place, keeping)).toEqual({
      objects: 4,
      keptUntil: manifest.lockedUntil,
      lockedUntil: manifest.lockedUntil,
      summary: `2 tables, 4 rows in 4 objects, locked until ${manifest.lockedUntil}`,
    });
    expect(asked.sort()).toEqual(
      ['rows/0/0.lbk', 'rows/0/1.lbk', 'rows/1/0.lbk', 'schema/schema.dump'].map(
        (name) => `recovery-points/main/full/${place.id}/${name}`,
      ),
    );
  });

  test('fails on one fault among many, and names object and fault', async () => {
    const { vault } = await vaultWhere((key) => (key.endsWith('rows/0/1.lbk') ? { lockMode: null } : {}));
    await expect(proveStored(vault, place, keeping)).rejects.toMatchObject({
      name: 'StoredBackupUnproven',
      message: `1 of 4 objects are not as they must be: "recovery-points/main/full/${place.id}/rows/0/1.lbk" is locked as nothing, expected governance`,
    });
  });

  test('counts a missing object among the faults', async () => {
    const { vault } = await vaultWhere((key) => (key.endsWith('0.lbk') ? 'missing' : {}));
    await expect(proveStored(vault, place, keeping)).rejects.toMatchObject({
      name: 'StoredBackupUnproven',
      message: expect.stringMatching(/^2 of 4 objects .*rows\/0\/0\.lbk" is missing/),
    });
  });

  test('hands on an answer that never came', async () => {
    const { vault } = await vaultWhere(() => {
      throw new Error('SlowDown');
    });
    await expect(proveStored(vault, place, keeping)).rejects.toThrow(/^SlowDown$/);
  });
});
