import { beforeEach, describe, expect, test } from 'vitest';
import { findLabelled } from '../../../shared/backup/find-labelled.ts';
import { LABEL } from '../../../shared/backup/label.ts';
import { ManifestDamaged } from '../../../shared/backup/logical/manifest.ts';
import type { RecoveryPoints } from '../../../shared/backup/method.ts';
import { findRecoveryPoint } from '../../../shared/backup/recovery-points.ts';
import { DAY } from '../../../shared/plan/values/duration.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { memoryBackup } from './memory-backup.ts';

const of = { database: 'main', backup: 'full' };
const at = (hour: number) => new Date(Date.UTC(2026, 9, 5, hour));
const by = { runId: 'backup', seconds: 60, bytes: 1_000 };

describe('finding recovery points by their label', () => {
  let now = at(0);
  let method: ReturnType<typeof memoryBackup>;
  let journal: ReturnType<typeof memoryJournal>;
  beforeEach(() => {
    method = memoryBackup({ now: () => now });
    journal = memoryJournal();
  });
  /** Takes a backup at that hour. @param recorded false if its run died before it was recorded */
  async function take(hour: number, label: string | null, { recorded } = { recorded: true }) {
    now = at(hour);
    const { signal } = new AbortController();
    const point = await method.take({ ...of, runId: `${hour}`, runStartedAt: now, label, signal });
    if (recorded)
      await journal.noteRecoveryPoint(
        { ...of, recoveryPoint: point.id },
        { taken: by, ...(label !== null && { label }) },
      );
    return point.id;
  }
  const find = (label: string) => findLabelled({ points: method, journal }, of, label);
  const choose = async (label: string, before = at(23), verified?: ReadonlySet<string>) =>
    findRecoveryPoint(method, of, {
      choice: 'newest',
      runId: 'restore',
      before,
      now: at(23),
      retention: DAY,
      verified,
      labelled: { label, ...(await find(label)) },
    });

  test('takes the only one, though newer ones without it were taken', async () => {
    await take(1, null);
    const wanted = await take(2, 'before-upgrade');
    await take(3, null);
    expect(await choose('before-upgrade')).toMatchObject({ point: { id: wanted }, candidates: 1 });
  });

  test('takes the newest of several, and the newest from before a time', async () => {
    const first = await take(1, 'deploy');
    const second = await take(2, 'deploy');
    expect(await choose('deploy')).toMatchObject({ point: { id: second }, candidates: 2 });
    expect(await choose('deploy', at(1))).toMatchObject({ point: { id: first }, candidates: 1 });
  });

  test('takes the newest verified of several where only those count', async () => {
    const first = await take(1, 'deploy');
    await take(2, 'deploy');
    expect(await choose('deploy', at(23), new Set([first]))).toMatchObject({ point: { id: first } });
    await expect(choose('deploy', at(23), new Set())).rejects.toThrow(
      'none of 2 recovery points with the label "deploy" from before 2026-10-05T23:00:00.000Z was verified',
    );
  });

  test('says that each is younger, and how to take one all the same', async () => {
    await take(2, 'deploy');
    await expect(choose('deploy', at(1))).rejects.toMatchObject({
      message: 'each of 1 recovery points with the label "deploy" is younger than 2026-10-05T01:00:00.000Z',
      hint: expect.stringContaining('by its id'),
    });
  });

  test.each([
    ['whose run died before it was recorded', false],
    ['of which the journal was lost', true],
  ])('finds one %s', async (_, lost) => {
    await take(1, null);
    const wanted = await take(2, 'before-upgrade', { recorded: false });
    if (lost) journal = memoryJournal();
    expect(await find('before-upgrade')).toEqual({ ids: [wanted] });
  });

  test('reads no manifest that the journal knows, and a damaged one hides no other', async () => {
    const read: string[] = [];
    const damaged = await take(1, null, { recorded: false });
    const wanted = await take(2, 'deploy', { recorded: false });
    await take(3, null);
    await take(4, 'other');
    const points: RecoveryPoints = {
      ...method,
      find(place) {
        read.push(place.id);
        if (place.id === damaged) throw new ManifestDamaged('altered');
        return method.find(place);
      },
    };
    expect(await findLabelled({ points, journal }, of, 'deploy')).toEqual({ ids: [wanted] });
    expect(read.sort()).toEqual([damaged, wanted]);
    await expect(findLabelled({ points, journal }, of, 'gone')).rejects.toThrow(/1 could not be read/);
  });

  test('chooses no older one where the newest cannot be read now: that may be the one', async () => {
    await take(1, 'deploy');
    const newest = await take(2, 'deploy', { recorded: false });
    const points: RecoveryPoints = {
      ...method,
      async find(place) {
        if (place.id === newest) throw new Error('SlowDown');
        return method.find(place);
      },
    };
    await expect(findLabelled({ points, journal }, of, 'deploy')).rejects.toThrow('SlowDown');
  });

  test('believes the manifest where the journal says otherwise', async () => {
    const wanted = await take(1, 'before-upgrade');
    const forged = await take(2, null);
    await journal.noteRecoveryPoint({ ...of, recoveryPoint: forged }, { label: 'before-upgrade' });
    expect(await choose('before-upgrade')).toMatchObject({ point: { id: wanted } });
  });

  test.each([
    ['before-upgarde', 'there is: "before-upgrade", "deploy"'],
    ['Deploy', 'there is: "deploy", "before-upgrade"'],
  ])('names what there is instead of "%s", the nearest first', async (wanted, says) => {
    await take(1, 'deploy');
    await take(2, 'before-upgrade');
    await expect(find(wanted)).rejects.toMatchObject({
      name: 'NoRecoveryPoint',
      message: `no recovery point of backup "full" of "main" has the label "${wanted}"; ${says}`,
    });
  });

  test('names five of many, and says where none has one or what had it is gone', async () => {
    await expect(find('x')).rejects.toThrow('has the label "x"; none has a label');
    await journal.noteRecoveryPoint(
      { ...of, recoveryPoint: '20261001T010000Z-00000000-a1b2c3d4' },
      { label: 'x' },
    );
    await expect(find('x')).rejects.toThrow('has the label "x" any more: what had it is no longer kept');
    for (let hour = 1; hour < 8; hour += 1) await take(hour, `v${hour}`);
    await expect(find('v0')).rejects.toThrow(/("v\d", ){4}"v\d", and 2 others$/);
  });

  test('looks at no other backup', async () => {
    await take(1, 'deploy');
    await expect(
      findLabelled({ points: method, journal }, { ...of, backup: 'weekly' }, 'deploy'),
    ).rejects.toThrow('none has a label');
  });

  test('of moments, finds those that RDS still keeps', async () => {
    const moments = ['20261005T010000Z', '20261005T020000Z', '20261005T030000Z', '20261004T010000Z'];
    for (const recoveryPoint of moments)
      await journal.noteRecoveryPoint({ ...of, recoveryPoint }, { label: 'deploy' });
    const window = { id: '20261005T023000Z', begunAt: new Date('2026-10-05T02:30:00Z'), since: at(0) };
    const points = { ...method, list: async () => [window] };
    expect(await findLabelled({ points, journal }, of, 'deploy')).toEqual({ ids: moments.slice(0, 2) });
  });
});

describe('a label', () => {
  test.each(['before-upgrade', 'v1.2.3', '2026-11-29', 'release/7', 'a', 'x'.repeat(63), 'team:ops=yes+1@2'])(
    'can be %s',
    (label) => expect(LABEL.test(label)).toBe(true),
  );

  test.each(['', ' ', 'a b', '-x', '/x', 'x'.repeat(64), 'ä', 'a\n', 'a*', "o'k", 'a"b', '$(id)', 'a\u200b'])(
    'cannot be %j',
    (label) => expect(LABEL.test(label)).toBe(false),
  );
});
