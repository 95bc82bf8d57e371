import { describe, expect, test } from 'vitest';
import type { FailoverState } from '../../shared/failover/failover-state.ts';
import type { Sighting } from '../../shared/failover/sighting.ts';
import { at, look } from '../unit/failover/looks.ts';

const SUBJECTS = { health: 'health', database: 'database' };

/** What every store of the failover's state must do. @param open a new, empty store */
export function describeFailoverState(
  name: string,
  open: () => FailoverState | Promise<FailoverState>,
): void {
  describe(`${name}, as what is kept of the primary Region`, () => {
    test('keeps nothing at first, and the automatic failover is on', async () => {
      const state = await open();
      expect(await state.sightings()).toEqual([]);
      expect(await state.switchedOff()).toBeNull();
    });

    test('keeps what was seen, as series, and gives back what it keeps', async () => {
      const state = await open();
      await state.addSightings(
        [look('health', 'healthy', 0), look('database', 'unknown', 0)],
        SUBJECTS,
        at(0),
      );
      const kept = await state.addSightings([look('health', 'healthy', 1)], SUBJECTS, at(1));
      expect(kept).toEqual(await state.sightings());
      expect(kept).toEqual([
        { ...look('health', 'healthy', 1), from: at(0) },
        look('database', 'unknown', 0),
      ]);
    });

    test('forgets what the plan no longer looks at', async () => {
      const state = await open();
      await state.addSightings(
        [look('health', 'healthy', 0), look('database', 'healthy', 0)],
        SUBJECTS,
        at(0),
      );
      const kept = await state.addSightings([], { health: 'another address', database: 'database' }, at(1));
      expect(kept.map(({ signal }) => signal)).toEqual(['database']);
    });

    test('loses nothing of two that write at the same time', async () => {
      const state = await open();
      const seen = (minute: number): Sighting[] => [
        look('health', 'failing', minute),
        look('database', 'healthy', minute),
      ];
      await Promise.all([0, 0.1, 0.2].map((minute) => state.addSightings(seen(minute), SUBJECTS, at(1))));
      expect(await state.sightings()).toEqual([
        { ...look('health', 'failing', 0.2), from: at(0) },
        { ...look('database', 'healthy', 0.2), from: at(0) },
      ]);
    });
  });
}
