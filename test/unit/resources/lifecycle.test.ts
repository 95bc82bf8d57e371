import { describe, expect, test } from 'vitest';
import { derive } from '../../../resources/derive.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { DATABASE, planOf, QUEUE } from './plan-fixture.ts';

/** These databases and no restore test. */
const databases = (...all: [string, object][]) => ({
  databases: Object.fromEntries(all),
  restoreTests: {},
});

describe('the lifecycle of the vault', () => {
  const rules = (plan: Plan) =>
    (derive(plan).lifecycleRules as { Id: string; Prefix: string; ExpirationInDays: number }[]).map(
      ({ Id, Prefix, ExpirationInDays }) => [Id, Prefix, ExpirationInDays],
    );

  const fallback = (days: number) =>
    ['recovery-points', 'manifests', 'quarantine'].map((part) => [
      `not-in-the-plan-${part}`,
      `${part}/`,
      days,
    ]);

  test('expires what was taken out of the plan by the longest retention of the plan', () => {
    const backups = { full: { ...DATABASE.backups.full, retention: '400d' } };
    const plan = planOf({ databases: { main: { ...DATABASE, backups } }, restoreTests: {} });
    expect(rules(plan).slice(-3)).toEqual(fallback(400));
  });

  test('keeps what is locked for as long as it is, by backup, and the evidence for a year', () => {
    expect(rules(planOf())).toEqual([
      ['content-main-full', 'recovery-points/main/full/', 30],
      ['provisional-main-full', 'recovery-points/main/full/', 3],
      ['manifests-main-full', 'manifests/main/full/', 30],
      ['probes', 'probes/', 1],
      ['evidence', 'evidence/', 365],
      ...fallback(365),
    ]);
  });

  test('keeps what is in quarantine as long as its queue says', () => {
    const replays = {
      orders: { ...QUEUE, quarantine: '10d' },
      mails: { ...QUEUE, deadLetters: 'mails-dlq' },
    };
    expect(rules(planOf({ replays })).slice(-5)).toEqual([
      ['quarantine-orders', 'quarantine/orders/', 10],
      ['quarantine-mails', 'quarantine/mails/', 90],
      ...fallback(365),
    ]);
  });

  test('never expires anything before its lock ends', () => {
    const backups = { full: { ...DATABASE.backups.full, retention: '25h' } };
    expect(rules(planOf(databases(['main', { ...DATABASE, backups }])))[0]).toEqual([
      'content-main-full',
      'recovery-points/main/full/',
      2,
    ]);
  });

  test('removes old versions and what a failed upload left', () => {
    for (const rule of derive(planOf()).lifecycleRules) {
      expect(rule).toMatchObject({ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1 } });
      // S3 knows no tags of an open upload, so the rule by tag cannot end one. The rule of the same prefix does.
      expect('AbortIncompleteMultipartUpload' in rule).toBe(!('TagFilters' in rule));
    }
  });

  test('removes what an attempt left that never came to its manifest, and only that, after its first lock', () => {
    const [rule] = derive(planOf()).lifecycleRules.filter((each) => 'TagFilters' in each);
    expect(rule).toMatchObject({
      TagFilters: [{ Key: 'lifeboat', Value: 'provisional' }],
      ExpirationInDays: 3,
    });
  });
});
