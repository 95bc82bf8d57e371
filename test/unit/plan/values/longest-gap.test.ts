import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../../../shared/plan/values/duration.ts';
import { longestGap } from '../../../../shared/plan/values/longest-gap.ts';

const inWords = (schedule: string) => {
  const gap = longestGap(schedule);
  return gap === null ? null : formatDuration(gap);
};

describe('the longest gap of a schedule', () => {
  it.each([
    ['rate(15 minutes)', '15m'],
    ['rate(1 hour)', '1h'],
    ['rate(7 days)', '7d'],
    // Within a day, and over midnight
    ['cron(* * * * ? *)', '1m'],
    ['cron(0/15 * * * ? *)', '15m'],
    ['cron(*/20 * * * ? *)', '20m'],
    ['cron(5/20 * * * ? *)', '20m'],
    ['cron(7/25 * * * ? *)', '25m'],
    ['cron(0,10 * * * ? *)', '50m'],
    ['cron(0 * * * ? *)', '1h'],
    ['cron(0 2 * * ? *)', '1d'],
    ['cron(0 2,14 * * ? *)', '12h'],
    ['cron(0 8-18 * * ? *)', '14h'],
    ['cron(30 0/6 * * ? *)', '6h'],
    ['cron(0 1,2 * * ? *)', '23h'],
    // Weekdays
    ['cron(0 3 ? * SUN *)', '7d'],
    ['cron(0 3 ? * 1 *)', '7d'],
    ['cron(0 3 ? * MON-FRI *)', '3d'],
    ['cron(0 3 ? * TUE,FRI *)', '4d'],
    ['cron(0 3 ? * L *)', '7d'],
    ['cron(0 3 ? * FRIL *)', '35d'],
    ['cron(0 3 ? * 2#1 *)', '35d'],
    ['cron(0 3 ? * MON#5 *)', '119d'],
    // Days of the month
    ['cron(0 1 1 * ? *)', '31d'],
    ['cron(0 1 L * ? *)', '31d'],
    ['cron(0 1 31 * ? *)', '61d'],
    ['cron(0 1 1,15 * ? *)', '17d'],
    ['cron(0 1 1/10 * ? *)', '10d'],
    ['cron(0 1 15W * ? *)', '32d'],
    // Months and years
    ['cron(0 1 1 1/3 ? *)', '92d'],
    ['cron(0 1 1 JAN,JUL ? *)', '184d'],
    ['cron(0 1 1 1 ? *)', '366d'],
    ['cron(0 1 1 1 ? 2020/1)', '366d'],
    ['cron(0 1 29 2 ? *)', '2921d'],
  ])('%s is %s', (schedule, gap) => {
    expect(inWords(schedule)).toBe(gap);
  });

  it.each(['on-demand', 'on-change', 'cron(0 2 * * ? 2030)', 'cron(0 2 * * ? 2026-2030)'])(
    '%s is none: it does not run again and again',
    (schedule) => expect(longestGap(schedule)).toBeNull(),
  );
});
