import { describe, expect, it } from 'vitest';
import { incidentOf } from '../../../cli/commands/incident.ts';
import { findPlan, UnknownPlan } from '../../../cli/find-plan.ts';
import {
  backupRows,
  notTaken,
  objectiveRows,
  rehydrationRows,
  replayRows,
} from '../../../cli/render/plan-summary.ts';
import { NoSampleData, sampleOf } from '../../../local/sample/sample.ts';
import { rehydrationOf, replayOf } from '../../../shared/plan/lookup.ts';
import { parseDuration } from '../../../shared/plan/values/duration.ts';

const { plan } = await findPlan('mailblast');

describe('the summary of a plan', () => {
  it('says of every backup who takes it: Lifeboat the logical ones, and others the rest', () => {
    const takers = backupRows(plan).map((row) => [row[1], row.at(-1)]);
    expect(takers).toEqual([
      ['full', 'Lifeboat'],
      ['wal', 'archive_command of PostgreSQL, on the database host'],
      ['point-in-time', 'a person, on the database host'],
      ['schema', 'pg_dump, on the database host'],
    ]);
  });

  it('names everything that the plan records and Lifeboat leaves to others', () => {
    expect(notTaken(plan)).toContain('backup main/schema (schema, by pg_dump, on the database host)');
    expect(notTaken(plan)).toContain('artifact certificates (by a script on the web host)');
    expect(notTaken(plan).join()).not.toContain('main/full');
  });

  it('says which objective a restore test is measured by on a schedule', () => {
    const measured = objectiveRows(plan).filter((row) => row[3]?.includes('restore test'));
    expect(measured).toEqual([['database-corruption', '15m', '20m', 'the restore test nightly']]);
  });

  it('says from where to where dead letters go, who is asked first, and what starts it', () => {
    expect(replayRows(plan)).toEqual([
      [
        'webhook-events',
        'mailblast-dlq',
        'webhook of mailblast/webhook',
        'main',
        '101 messages for 5m, rate(15 minutes)',
        '200/s, 50 in flight',
      ],
    ]);
    expect(objectiveRows(plan)).toContainEqual([
      'webhook-failure',
      '15m',
      '20m',
      'the replay of webhook-events',
    ]);
  });

  it.each([
    [{ queue: 'q' }, undefined, 'on-demand', 'queue q', 'on-demand'],
    [{ topic: 't' }, undefined, 'rate(1 hour)', 'topic t', 'rate(1 hour)'],
    [
      { function: { name: 'f', timeout: parseDuration('1m') } },
      { depth: 5, for: parseDuration('2m') },
      'on-demand',
      'function f',
      '5 messages for 2m',
    ],
  ])(
    'names the target %o with the start %o and the schedule %s',
    (target, start, schedule, to, startedBy) => {
      const { start: _, ...queue } = replayOf(plan, 'webhook-events');
      const changed = { ...queue, target, schedule, ...(start && { start }) };
      const [row] = replayRows({ ...plan, replays: { events: changed } });
      expect([row?.[2], row?.[4]]).toEqual([to, startedBy]);
    },
  );

  it('says what can be filled again from a database', () => {
    const jobs = { ...rehydrationOf(plan, 'failed-jobs'), into: { queue: 'jobs' } };
    expect(rehydrationRows(plan)).toContainEqual([
      'pending-campaigns',
      'main',
      'Redis list email_queue of mailblast/redis',
    ]);
    expect(rehydrationRows({ ...plan, rehydrations: { jobs } })).toEqual([['jobs', 'main', 'queue jobs']]);
  });
});

describe('a plan that a person names', () => {
  it('is the one in plans/ of that name, or the one at a path', async () => {
    expect((await findPlan('mailblast')).path).toBe('plans/mailblast.yml');
    expect((await findPlan('./plans/mailblast.yml')).plan).toEqual(plan);
  });

  it('is unknown with the nearest name there is', async () => {
    await expect(findPlan('mailblst')).rejects.toThrow(UnknownPlan);
    await expect(findPlan('mailblst')).rejects.toThrow('did you mean "mailblast"?');
  });

  it('has no drill without sample data, and says what is missing', async () => {
    const { plan: other } = await findPlan('marimo-erp');
    expect(() => sampleOf(other)).toThrow(NoSampleData);
    expect(() => sampleOf(other)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('--load my.sql') }),
    );
  });
});

describe('an incident on the command line', () => {
  const failedAt = new Date('2026-11-22T04:00:00Z');

  it('has the time and the scenario for the machine', () => {
    expect(incidentOf(plan, { failedAt, scenario: 'server-crash' })).toEqual({
      failedAt: '2026-11-22T04:00:00.000Z',
      scenario: 'server-crash',
    });
    expect(incidentOf(plan, { failedAt })).toEqual({ failedAt: '2026-11-22T04:00:00.000Z' });
    expect(incidentOf(plan, {})).toBeUndefined();
  });

  it('has no scenario that the plan does not know, nor one without a time', () => {
    expect(() => incidentOf(plan, { failedAt, scenario: 'flood' })).toThrow(
      'no scenario "flood"; it has: database-corruption',
    );
    expect(() => incidentOf(plan, { scenario: 'server-crash' })).toThrow('--failed-at');
  });
});
