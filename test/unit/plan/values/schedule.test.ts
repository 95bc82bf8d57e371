import { describe, expect, it } from 'vitest';
import { parseSchedule, ScheduleInvalid, scheduleMistake } from '../../../../shared/plan/values/schedule.ts';

describe('parseSchedule', () => {
  it.each([
    ['on-demand', { kind: 'on-demand' }],
    ['on-change', { kind: 'on-change' }],
    ['rate(1 minute)', { kind: 'rate', every: 60_000 }],
    ['rate(15 minutes)', { kind: 'rate', every: 900_000 }],
    ['rate(1 hour)', { kind: 'rate', every: 3_600_000 }],
    ['rate(10 days)', { kind: 'rate', every: 864_000_000 }],
    ['cron(0 2 * * ? *)', { kind: 'cron', fields: '0 2 * * ? *' }],
  ])('reads %s', (text, schedule) => {
    expect(parseSchedule(text)).toEqual(schedule);
  });

  it.each(
    [
      [
        '',
        'daily',
        'on demand',
        'On-Demand',
        'on-demand ',
        '0 2 * * ? *',
        'cron()',
        'cron(0 2 * * ? *',
        'at(2030-01-01T00:00:00)',
      ],
      [
        'rate(1 minutes)',
        'rate(2 minute)',
        'rate(0 minutes)',
        'rate(-1 hours)',
        'rate(1.5 hours)',
        'rate(30 seconds)',
      ],
      [
        'rate(02 hours)',
        'rate(2 weeks)',
        'rate(2  hours)',
        'rate( 2 hours)',
        'rate(100000 days)',
        'cron(0 2 * * ? *)\ncron(0 3 * * ? *)',
      ],
    ].flat(),
  )('refuses %j', (text) => {
    expect(() => parseSchedule(text)).toThrow(ScheduleInvalid);
  });

  it('names its error, and says what was expected and found', () => {
    expect(() => parseSchedule('rate(1 hours)')).toThrow(
      expect.objectContaining({
        name: 'ScheduleInvalid',
        text: 'rate(1 hours)',
        message:
          'expected a schedule: cron(0 2 * * ? *), rate(15 minutes), rate(1 hour), on-demand or on-change, found "rate(1 hours)"',
      }),
    );
  });
});

describe('cron', () => {
  // Those of the AWS documentation, then the ends of each range.
  it.each(
    [
      [
        '15 10 ? * 6L 2022-2023',
        '0 10 * * ? *',
        '15 12 * * ? *',
        '0 18 ? * MON-FRI *',
        '0 8 1 * ? *',
        '0/15 * * * ? *',
      ],
      ['0/10 * ? * MON-FRI *', '0/5 8-17 ? * MON-FRI *', '0/30 0-2,20-23 ? * MON-FRI *'],
      [
        '0 0 1 1 ? 1970',
        '59 23 31 12 ? 2199',
        '0 0 ? * 1 *',
        '0 0 ? * 7 *',
        '0 0 ? * SUN,WED,SAT *',
        '0 0 L * ? *',
      ],
      [
        '0 0 15W * ? *',
        '0 0 ? * L *',
        '0 0 ? * FRIL *',
        '0 0 ? * 3#2 *',
        '0 0 ? * TUE#5 *',
        '*/5 * * * ? *',
        '0 */6 * * ? *',
      ],
      [
        '0 0 1/10 * ? *',
        '0 0 1 JAN/3 ? *',
        '0 0 1 JAN,APR-JUN,12 ? *',
        '0 0 29 2 ? *',
        '0 0 * * ? 2024/2',
        '  0  2 * * ?   * ',
      ],
      [
        '0 0 31 FEB,MAR ? *',
        '0 0 29 FEB ? 2027,2028',
        '0 0 29 2 ? *',
        '0 0 L FEB ? *',
        '0 0 29W FEB ? *',
        '0 0 30,1 FEB ? *',
        '0 0 28-31 2 ? *',
        '00 02 * * ? *',
      ],
    ].flat(),
  )('takes %s', (fields) => {
    expect(scheduleMistake(`cron(${fields})`)).toBeUndefined();
  });

  it.each([
    ['0 2 * * *', 'six cron fields'],
    ['0 2 * * ? * *', 'six cron fields'],
    ['  ', 'six cron fields'],
    ['0 2 * * * *', 'exactly one ?'],
    ['0 2 ? * ? *', 'exactly one ?'],
    ['0 2 1 * MON *', 'exactly one ?'],
    ['60 2 * * ? *', "the cron's minutes to be 0-59"],
    ['-1 2 * * ? *', 'minutes'],
    ['? 2 * * ? *', 'minutes'],
    ['5-1 2 * * ? *', 'minutes'],
    ['1-2-3 2 * * ? *', 'minutes'],
    ['1, 2 * * ? *', 'minutes'],
    ['*,5 2 * * ? *', 'minutes'],
    ['0/0 2 * * ? *', 'minutes'],
    ['0/60 2 * * ? *', 'minutes'],
    ['60/5 2 * * ? *', 'minutes'],
    ['1-30/5 2 * * ? *', 'minutes'],
    ['/5 2 * * ? *', 'minutes'],
    ['1.5 2 * * ? *', 'minutes'],
    ['0 24 * * ? *', 'hours to be 0-23'],
    ['0 2am * * ? *', 'hours'],
    ['0 22-2 * * ? *', 'hours'],
    ['0 2 0 * ? *', 'day-of-month to be 1-31'],
    ['0 2 32 * ? *', 'day-of-month'],
    ['0 2 32W * ? *', 'day-of-month'],
    ['0 2 LW * ? *', 'day-of-month'],
    ['0 2 1,L * ? *', 'day-of-month'],
    ['0 2 1#2 * ? *', 'day-of-month'],
    ['0 2 * 0 ? *', 'month to be 1-12 or JAN-DEC'],
    ['0 2 * 13 ? *', 'month'],
    ['0 2 * jan ? *', 'month'],
    ['0 2 * MON ? *', 'month'],
    ['0 2 * L ? *', 'month'],
    ['0 2 ? * 0 *', 'day-of-week to be 1-7 or SUN-SAT'],
    ['0 2 ? * 8 *', 'day-of-week'],
    ['0 2 ? * FRI-MON *', 'day-of-week'],
    ['0 2 ? * 3#6 *', 'day-of-week'],
    ['0 2 ? * 3#0 *', 'day-of-week'],
    ['0 2 ? * 3#1,6#3 *', 'day-of-week'],
    ['0 2 ? * 2/2 *', 'day-of-week'],
    ['0 2 ? * *L *', 'day-of-week'],
    ['0 2 ? * 2W *', 'day-of-week'],
    ['0 2 * * ? 1969', 'year to be 1970-2199'],
    ['0 2 * * ? 2200', 'year'],
    ['0 2 * * ? 24', 'year'],
    ['0 2 30 2 ? *', 'FEB never has 30 days'],
    ['0 2 30,31 FEB ? *', 'FEB never has 30 days'],
    ['0 2 30-31 FEB ? *', 'FEB never has 30 days'],
    ['0 2 30/1 FEB ? *', 'FEB never has 30 days'],
    ['0 2 30W FEB ? *', 'FEB never has 30 days'],
    ['0 2 31 APR,JUN ? *', 'none of APR, JUN has 31 days'],
    ['0 2 31 4/7 ? *', 'none of APR, NOV has 31 days'],
    ['0 2 29 FEB ? 2027', 'FEB has 29 days in leap years only'],
    ['0 2 29,30 2 ? 2029-2031', 'FEB has 29 days in leap years only'],
    ['0 2 31 APR ? *', 'APR never has 31 days'],
  ])('refuses %j: %s', (fields, expected) => {
    expect(scheduleMistake(`cron(${fields})`)).toContain(expected);
  });
});
