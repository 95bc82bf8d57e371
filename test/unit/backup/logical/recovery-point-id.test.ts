import { describe, expect, test } from 'vitest';
import {
  begunAt,
  contentPrefix,
  idOfManifestKey,
  manifestKey,
  manifestKeyOfRun,
  manifestPrefix,
  recoveryPointId,
} from '../../../../shared/backup/logical/recovery-point-id.ts';

const at = new Date('2026-10-05T02:00:01.987Z');
const place = { database: 'main', backup: 'full' };

describe('the id of a recovery point', () => {
  test('tells when, by which run, in which attempt', () => {
    expect(recoveryPointId(at, 'nightly', 'a1b2c3d4')).toBe('20261005T020001Z-2a3b62b5-a1b2c3d4');
  });

  test('sorts by time as text', () => {
    const times = [
      '2026-01-02T03:04:05Z',
      '2025-12-31T23:59:59Z',
      '2026-01-02T03:04:06Z',
      '2026-10-01T00:00:00Z',
    ];
    const ids = times.map((time) => recoveryPointId(new Date(time), 'run', 'a'));
    expect(ids.sort().map((id) => begunAt(id)?.toISOString())).toEqual(
      times.map((time) => new Date(time).toISOString()).sort(),
    );
  });

  test('gives its time back', () => {
    expect(begunAt(recoveryPointId(at, 'nightly', 'x'))).toEqual(new Date('2026-10-05T02:00:01Z'));
  });

  test.each([
    '',
    'latest',
    '20261005T020001Z',
    '20261005T020001Z-a2e3dcc0',
    '20261005T020001Z-A2E3DCC0-a',
    '2026-10-05T02:00:01Z-a2e3dcc0-a',
    '20261305T020001Z-a2e3dcc0-a',
    '20261005T250001Z-a2e3dcc0-a',
  ])('is not %j', (id) => {
    expect(begunAt(id)).toBeNull();
  });

  test('differs for each attempt of a run', () => {
    expect(recoveryPointId(at, 'nightly', 'aaaaaaaa')).not.toBe(recoveryPointId(at, 'nightly', 'bbbbbbbb'));
  });

  test('has no character of the run id that a key should not hold', () => {
    expect(recoveryPointId(at, `${'ß/ '.repeat(26)}..`, 'a')).toMatch(/^[0-9TZ]+-[0-9a-f]{8}-a$/);
  });
});

describe('the keys of a recovery point', () => {
  const id = recoveryPointId(at, 'nightly', 'a1b2c3d4');

  test('keep what a run wrote first under one key for all of its attempts, which is no recovery point', () => {
    const key = manifestKeyOfRun(place, `${'ß/ '.repeat(26)}..`);
    expect(key).toMatch(/^manifests\/main\/full\/runs\/[0-9a-f]{64}$/);
    expect(idOfManifestKey(key)).toBeNull();
    expect(manifestKeyOfRun(place, 'nightly')).not.toBe(manifestKeyOfRun(place, 'nightly2'));
  });

  test('keep manifests apart from what they name', () => {
    expect(manifestKey({ ...place, id })).toBe(`manifests/main/full/${id}.json`);
    expect(contentPrefix({ ...place, id })).toBe(`recovery-points/main/full/${id}/`);
  });

  test('of one backup are not under the prefix of another', () => {
    expect(manifestKey({ ...place, backup: 'full-weekly', id }).startsWith(manifestPrefix(place))).toBe(
      false,
    );
  });

  test('give the id back', () => {
    expect(idOfManifestKey(manifestKey({ ...place, id }))).toBe(id);
  });

  test.each([
    `manifests/main/full/${id}`,
    `manifests/main/full/${id}.json.tmp`,
    `manifests/main/full/${id}/x.json`,
    'manifests/main/full/readme.json',
    'manifests/main/full/20261305T020001Z-a2e3dcc0-a.json',
  ])('that are no manifest, such as %s, give none', (key) => {
    expect(idOfManifestKey(key)).toBeNull();
  });
});
