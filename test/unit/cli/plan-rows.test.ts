import { describe, expect, it } from 'vitest';
import { incidentOf } from '../../../cli/commands/restore-test.ts';
import { NoSampleData, sampleOf } from '../../../cli/drill/sample.ts';
import { findPlan, UnknownPlan } from '../../../cli/find-plan.ts';
import { backupRows, NOT_TAKEN, notTaken, objectiveRows } from '../../../cli/render/plan-summary.ts';

const { plan } = await findPlan('mailblast');

describe('the summary of a plan', () => {
  it('says of every backup who takes it: Lifeboat those by the method logical, and no other', () => {
    const takers = backupRows(plan).map((row) => [row[1], row.at(-1)]);
    expect(takers).toEqual([
      ['full', 'Lifeboat'],
      ['wal', NOT_TAKEN],
      ['point-in-time', NOT_TAKEN],
      ['schema', NOT_TAKEN],
    ]);
  });

  it('names everything that the plan records and Lifeboat leaves to others', () => {
    expect(notTaken(plan)).toContain('backup main/schema (schema)');
    expect(notTaken(plan)).toContain('artifact certificates');
    expect(notTaken(plan).join()).not.toContain('main/full');
  });

  it('says which objective a restore test is held against on a schedule', () => {
    const measured = objectiveRows(plan).filter((row) => row[3]?.includes('restore test'));
    expect(measured).toEqual([['database-corruption', '15m', '20m', 'the restore test of main']]);
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
    expect(() => sampleOf(other)).toThrow('local/sample/');
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
