import { expect, it } from 'vitest';
import { methodsOnRds, NothingOnRds } from '../../../../drills/accidental-deletion/methods-on-rds.ts';
import { loadPlan } from '../../../../shared/plan/load.ts';

it('finds in a plan the snapshot and the moment that restore tests prove', async () => {
  expect(methodsOnRds(await loadPlan('plans/healing-guard.yml'))).toEqual({
    database: 'main',
    logical: ['nightly'],
    snapshots: { backup: 'daily', restoreTest: 'snapshot' },
    moments: { backup: 'point-in-time', restoreTest: 'moment', place: 'instance' },
  });
});

it.each(['mailblast', 'mgx-ai'])(
  'finds none in the plan of %s, and names one that has both',
  async (name) => {
    const plan = await loadPlan(`plans/${name}.yml`);
    expect(() => methodsOnRds(plan)).toThrow(NothingOnRds);
    expect(() => methodsOnRds(plan)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('drill rds healing-guard') }),
    );
  },
);
