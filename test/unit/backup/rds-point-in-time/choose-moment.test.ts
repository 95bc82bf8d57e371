import { beforeEach, describe, expect, test } from 'vitest';
import {
  chooseMoment,
  type MomentChoice,
} from '../../../../shared/backup/rds-point-in-time/choose-moment.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';

const of = { database: 'main', backup: 'moments' };
const at = (time: string) => new Date(`2026-03-08T${time}Z`);
const points = {
  list: async () => [{ id: '20260308T120000Z', begunAt: at('12:00:00.000'), since: at('00:00:00.000') }],
};

let journal: ReturnType<typeof memoryJournal>;
beforeEach(async () => {
  journal = memoryJournal();
  for (const minute of ['11:57', '11:58', '11:59', '12:00', '12:01'])
    await journal.noteHeartbeat('main', at(`${minute}:40.000`));
  await journal.noteHeartbeat('other', at('11:59:50.000'));
});

const choose = (choice: MomentChoice, { runId = 'run', before = at('12:04:00.000') } = {}) =>
  chooseMoment({ points, journal }, of, { choice, runId, before });

describe('the moment of a restore test', () => {
  test('is the newest between two heartbeats that can be restored', async () => {
    expect(await choose('newest')).toMatchObject({
      id: '20260308T120000Z',
      between: { before: at('11:59:40.000'), after: at('12:00:40.000') },
    });
  });

  test('is not later than the onset of an incident', async () => {
    expect(await choose('newest', { before: at('11:59:00.500') })).toMatchObject({
      id: '20260308T115900Z',
      between: { before: at('11:58:40.000'), after: at('11:59:40.000') },
    });
  });

  test('is the same for every attempt of a run where it is drawn, and each may be', async () => {
    const ids = new Set<string>();
    for (let run = 0; run < 40; run++) {
      const { id, between } = await choose('random', { runId: `run-${run}` });
      expect((await choose('random', { runId: `run-${run}` })).id).toBe(id);
      expect(between).not.toBeNull();
      ids.add(id);
    }
    expect([...ids].sort()).toEqual(['20260308T115810Z', '20260308T115910Z', '20260308T120000Z']);
  });

  test.each([
    ['20260308T115900Z', { before: at('11:58:40.000'), after: at('11:59:40.000') }],
    ['20260308T080000Z', null],
    ['yesterday', null],
  ])(
    'is %s where a person names it, with the heartbeats around it as far as they are known',
    async (id, between) => {
      const chosen = await choose({ id });
      expect(chosen.id).toBe(id);
      expect(chosen.between && { before: chosen.between.before, after: chosen.between.after }).toEqual(
        between,
      );
    },
  );

  test('is the newest verified one from before the onset', async () => {
    const words = 'that a restore test verified';
    const newestOf = new Set(['20260308T115810Z', '20260308T120000Z', '20260308T115800Z']);
    expect(await choose({ newestOf, words }, { before: at('11:59:00.000') })).toMatchObject({
      id: '20260308T115810Z',
    });
    await expect(choose({ newestOf: new Set(), words })).rejects.toMatchObject({
      name: 'NoRecoveryPoint',
      message: expect.stringMatching(/^there is no moment that a restore test verified from before 2/),
    });
  });

  test('does not exist where no heartbeat was noted, or RDS keeps nothing, and it is said why', async () => {
    const nothing = { list: async () => [] };
    const request = { choice: 'newest', runId: 'run', before: at('12:04:00.000') } as const;
    await expect(chooseMoment({ points, journal: memoryJournal() }, of, request)).rejects.toMatchObject({
      name: 'NoRecoveryPoint',
      message: 'no moment can be tested: it takes two heartbeats, and there are 0',
      hint: expect.stringContaining('HeartbeatWritten'),
    });
    await expect(chooseMoment({ points: nothing, journal }, of, request)).rejects.toMatchObject({
      name: 'NoRecoveryPoint',
      message: expect.stringContaining('keeps no automated backups'),
    });
  });
});
