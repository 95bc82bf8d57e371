import { describe, expect, test } from 'vitest';
import type { ReadingChoice } from '../../../shared/backup/choose-to-read.ts';
import { findToRead } from '../../../shared/backup/logical/find-to-read.ts';
import { logicalRecoveryPoints } from '../../../shared/backup/logical/logical-recovery-points.ts';
import { writeManifest } from '../../../shared/backup/logical/manifest.ts';
import {
  contentPrefix,
  manifestKey,
  recoveryPointId,
} from '../../../shared/backup/logical/recovery-point-id.ts';
import { findRecoveryPoint, hiddenInWords } from '../../../shared/backup/recovery-points.ts';
import { DAY, milliseconds } from '../../../shared/plan/values/duration.ts';
import { memoryVault } from '../vault/memory-vault.ts';
import { manifest } from './logical/manifest-fixture.ts';

const of = { database: 'main', backup: 'full' };
const now = new Date('2026-03-03T00:00:00Z');
const lockedUntil = new Date('2026-04-01T00:00:00Z');

async function stored(vault: ReturnType<typeof memoryVault>, day: string, until = lockedUntil) {
  const takenAt = new Date(`${day}T02:00:00Z`);
  const id = recoveryPointId(takenAt, `run-${day}`, 'a1b2c3d4');
  const key = manifestKey({ ...of, id });
  const text = writeManifest({
    ...manifest,
    ...of,
    recoveryPoint: id,
    snapshotAt: takenAt.toISOString(),
    lockedUntil: until.toISOString(),
  });
  await vault.put(key, text, { contentType: 'application/json', lockedUntil: until });
  return { id, key };
}

const find = (
  vault: ReturnType<typeof memoryVault>,
  choice: 'newest' | { id: string } = 'newest',
  retention = milliseconds(30 * DAY),
) =>
  findRecoveryPoint(logicalRecoveryPoints(vault), of, { choice, runId: 'run', before: now, now, retention });

describe('a recovery point whose manifest was deleted', () => {
  test('is named beside the one that is taken instead', async () => {
    const vault = memoryVault();
    const first = await stored(vault, '2026-03-01');
    const second = await stored(vault, '2026-03-02');
    vault.hide(second.key);
    const { point, hidden } = await find(vault);
    expect([point.id, hidden]).toEqual([first.id, [second.key]]);
  });

  test('is named where no other is left, with what to do, instead of asking for a backup alone', async () => {
    const vault = memoryVault();
    const { key } = await stored(vault, '2026-03-02');
    vault.hide(key);
    await expect(find(vault)).rejects.toMatchObject({
      name: 'NoRecoveryPoint',
      message: expect.stringContaining(
        `A delete marker or a later version hides ${key}: somebody deleted it or wrote over it`,
      ),
    });
  });

  test('is named where it is the one that a person asks for', async () => {
    const vault = memoryVault();
    await stored(vault, '2026-03-01');
    const { id, key } = await stored(vault, '2026-03-02');
    vault.hide(key);
    await expect(find(vault, { id })).rejects.toThrow(key);
  });

  test('is not named past its lock: the lifecycle expired it', async () => {
    const vault = memoryVault();
    await stored(vault, '2026-03-02');
    const { key } = await stored(vault, '2026-02-01', new Date('2026-03-02T23:59:59Z'));
    vault.hide(key);
    expect((await find(vault)).hidden).toEqual([]);
  });

  test('is not named past the retention of the plan, shortened after it was locked: the lifecycle expired it', async () => {
    const vault = memoryVault();
    const { key: old } = await stored(vault, '2026-02-20');
    const { key: kept } = await stored(vault, '2026-02-26');
    await stored(vault, '2026-03-02');
    vault.hide(old);
    vault.hide(kept);
    expect((await find(vault, 'newest', milliseconds(7 * DAY))).hidden).toEqual([kept]);
    expect((await find(vault)).hidden).toEqual([old, kept]);
  });

  test('is not read where a later version stands in its place, and is named', async () => {
    const vault = memoryVault();
    const first = await stored(vault, '2026-03-01');
    const second = await stored(vault, '2026-03-02');
    vault.overwrite(second.key, '{}');
    const { point, hidden } = await find(vault);
    expect([point.id, hidden]).toEqual([first.id, [second.key]]);
    await expect(find(vault, { id: second.id })).rejects.toThrow(second.key);
  });

  test('is counted where there are many', () => {
    expect(hiddenInWords(['a', 'b', 'c', 'd', 'e'])).toContain('hides a, b, c and 2 more');
  });
});

describe('reading recovery points again, where one is hidden', () => {
  const noJournal = { recoveryPoints: async () => [] };
  const toRead = (
    vault: ReturnType<typeof memoryVault>,
    choice: ReadingChoice = 'in-turn',
    retention = milliseconds(30 * DAY),
  ) => findToRead({ vault, journal: noJournal }, of, choice, { now, retention });
  const content = (id: string, until = lockedUntil) => ({
    key: `${contentPrefix({ ...of, id })}rows/1`,
    options: { contentType: 'application/octet-stream', lockedUntil: until },
  });

  test.each(['hide', 'overwrite'] as const)('names it beside the one that is read: %s', async (way) => {
    const vault = memoryVault();
    const first = await stored(vault, '2026-03-01');
    const second = await stored(vault, '2026-03-02');
    vault[way](second.key, '{}');
    expect(await toRead(vault)).toEqual({ recoveryPoint: first.id, candidates: 1, hidden: [second.key] });
  });

  test('does not ask for a backup where each one is hidden, or the one that was asked for', async () => {
    const vault = memoryVault();
    const { id, key } = await stored(vault, '2026-03-02');
    vault.hide(key);
    const missing = { name: 'RecoveryPointsHidden', message: expect.stringContaining(key) };
    await expect(toRead(vault)).rejects.toMatchObject(missing);
    await stored(vault, '2026-03-01');
    await expect(toRead(vault, { id })).rejects.toMatchObject(missing);
    await expect(toRead(memoryVault())).rejects.toMatchObject({ name: 'NoRecoveryPoint' });
  });

  test('names hidden content of the one that is read, and of no other', async () => {
    const vault = memoryVault();
    const { id: other } = await stored(vault, '2026-03-01');
    const { id } = await stored(vault, '2026-03-02');
    for (const each of [id, other].map((of) => content(of))) {
      await vault.put(each.key, 'x', each.options);
      vault.hide(each.key);
    }
    expect(await toRead(vault)).toEqual({ recoveryPoint: id, candidates: 2, hidden: [content(id).key] });
  });

  test('does not name content that the plan let expire a day before its manifest, or past its lock', async () => {
    const vault = memoryVault();
    const { id } = await stored(vault, '2026-03-01');
    const { key, options } = content(id);
    await vault.put(key, 'x', options);
    vault.hide(key);
    expect((await toRead(vault, { id }, milliseconds(DAY))).hidden).toEqual([]);
    expect((await toRead(vault, { id }, milliseconds(2 * DAY))).hidden).toEqual([key]);
    const { id: past } = await stored(vault, '2026-03-02');
    const { key: free, options: ended } = content(past, now);
    await vault.put(free, 'x', ended);
    vault.hide(free);
    expect((await toRead(vault, { id: past })).hidden).toEqual([]);
  });
});
