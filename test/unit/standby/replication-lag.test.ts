import { describe, expect, test } from 'vitest';
import { ManifestDamaged, writeManifest } from '../../../shared/backup/logical/manifest.ts';
import { begunAt, manifestKey, recoveryPointId } from '../../../shared/backup/logical/recovery-point-id.ts';
import type { ReplicationState } from '../../../shared/standby/replication.ts';
import { replicatedBackups, replicationLag } from '../../../shared/standby/replication-lag.ts';
import { manifest } from '../backup/logical/manifest-fixture.ts';
import { ON_RDS, planOf } from '../resources/plan-fixture.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const of = { database: 'main', backup: 'full' };
const now = new Date('2026-10-05T12:00:00Z');
const lock = { contentType: 'application/json', lockedUntil: new Date('2026-11-04T00:00:00Z') };

/** Ids of recovery points, one an hour, the newest an hour old. */
const hourly = (many: number) =>
  Array.from({ length: many }, (_, index) =>
    recoveryPointId(new Date(now.getTime() - (many - index) * 3_600_000), `run-${index}`, 'a1b2c3d4'),
  );

/** Content of a recovery point: the archive and one part. */
const keyOf = (id: string, name: 'schema' | 'rows') => `recovery-points/main/full/${id}/${name}`;

/** A vault with these recovery points, and the state of each object; what is not named is replicated. */
async function lag(ids: readonly string[], states: Readonly<Record<string, ReplicationState>> = {}) {
  const vault = memoryVault();
  const asked: string[] = [];
  const [table] = manifest.tables;
  if (!table?.parts[0]) return expect.fail('the fixture has a table');
  for (const id of ids) {
    const schema = { ...manifest.schema, archive: { ...manifest.schema.archive, key: keyOf(id, 'schema') } };
    const tables = [{ ...table, parts: [{ ...table.parts[0], key: keyOf(id, 'rows') }] }];
    const written = writeManifest({ ...manifest, recoveryPoint: id, schema, tables });
    await vault.put(manifestKey({ ...of, id }), written, lock);
  }
  const replicationOf = async ({ key }: { key: string }) => {
    asked.push(key);
    return states[key] ?? 'replicated';
  };
  return { ...(await replicationLag(of, { vault, replicationOf }, now)), asked };
}

describe('the standby Region', () => {
  test('is not behind where the newest recovery point is there whole, and no older one is asked for', async () => {
    const [old = '', newest = ''] = hourly(2);
    const { asked, ...found } = await lag([old, newest]);
    expect(found).toEqual({ ...of, replicated: { id: newest, ageSeconds: 3600 }, waiting: null });
    expect(asked).toEqual([
      manifestKey({ ...of, id: newest }),
      keyOf(newest, 'schema'),
      keyOf(newest, 'rows'),
    ]);
  });

  // Replicas arrive in no order: a manifest that is there proves nothing of what it names.
  test('has a recovery point only if all that its manifest names is there', async () => {
    const [old = '', newest = ''] = hourly(2);
    const found = await lag([old, newest], { [keyOf(newest, 'rows')]: 'pending' });
    expect(found).toMatchObject({
      replicated: { id: old, ageSeconds: 7200 },
      waiting: { id: newest, ageSeconds: 3600, pending: 1, failed: 0, notAskedFor: 0 },
    });
  });

  test('has none where its manifest alone is missing', async () => {
    const [only = ''] = hourly(1);
    const found = await lag([only], { [manifestKey({ ...of, id: only })]: 'pending' });
    expect(found).toMatchObject({ replicated: null, waiting: { id: only, pending: 1 } });
  });

  test('is behind by the oldest recovery point that waits, not by the newest', async () => {
    const ids = hourly(3);
    const [, second = '', third = ''] = ids;
    const found = await lag(ids, { [keyOf(second, 'rows')]: 'pending', [keyOf(third, 'rows')]: 'pending' });
    expect(found.waiting).toMatchObject({ id: second, ageSeconds: 7200 });
  });

  test('counts what S3 gave up in all that wait: it does not try again', async () => {
    const ids = hourly(3);
    const [, second = '', third = ''] = ids;
    const found = await lag(ids, { [keyOf(second, 'rows')]: 'pending', [keyOf(third, 'rows')]: 'failed' });
    expect(found.waiting).toMatchObject({ id: second, pending: 1, failed: 1 });
  });

  test('counts what is older than the replication', async () => {
    const [only = ''] = hourly(1);
    const found = await lag([only], {
      [manifestKey({ ...of, id: only })]: 'not asked for',
      [keyOf(only, 'rows')]: 'not asked for',
    });
    expect(found.waiting).toMatchObject({ pending: 0, notAskedFor: 2 });
  });

  test('is asked for five recovery points at most: a replication that never worked costs no more', async () => {
    const ids = hourly(30);
    const never = Object.fromEntries(ids.map((id) => [keyOf(id, 'rows'), 'failed' as const]));
    const found = await lag(ids, never);
    expect(found).toMatchObject({ replicated: null, waiting: { id: ids.at(-5), failed: 5 } });
    expect(found.asked).toHaveLength(15);
  });

  test('has nothing to wait for before the first backup', async () => {
    expect(await lag([])).toEqual({ ...of, replicated: null, waiting: null, asked: [] });
  });

  test('is behind by no negative time, whatever the clocks say', async () => {
    const id = recoveryPointId(new Date(now.getTime() + 60_000), 'run', 'a1b2c3d4');
    expect(begunAt(id)?.getTime()).toBeGreaterThan(now.getTime());
    expect((await lag([id])).replicated?.ageSeconds).toBe(0);
  });

  test('is not known where a manifest is damaged, which is said', async () => {
    const vault = memoryVault();
    const [id = ''] = hourly(1);
    await vault.put(manifestKey({ ...of, id }), '{}', lock);
    const replicationOf = async () => 'replicated' as const;
    await expect(replicationLag(of, { vault, replicationOf }, now)).rejects.toThrow(ManifestDamaged);
  });
});

test('snapshots of RDS and backups of others are not in the vault, and have no lag', () => {
  expect(replicatedBackups(planOf(ON_RDS))).toEqual([of]);
});
