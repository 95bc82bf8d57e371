import { describe, expect, test } from 'vitest';
import { assess } from '../../../shared/failover/assess.ts';
import { MAX_GAP_MS, remember, type Seen, type Sighting } from '../../../shared/failover/sighting.ts';
import { MINUTE, milliseconds } from '../../../shared/plan/values/duration.ts';
import { draws } from '../backup/logical/draws.ts';
import { at, evidence, look } from './looks.ts';

const SIGNALS = ['health', 'database', 'errors', 'writes'];
const SUBJECTS = Object.fromEntries(SIGNALS.map((name) => [name, name]));
const RUNS = 1_000;

/** A random history: signals that stay as they are for a while, looks that come early, late, twice or never. */
function history(seed: number) {
  const { number } = draws(seed);
  const length = 8 + number(30);
  const sightings: Sighting[] = [];
  for (const signal of SIGNALS) {
    let state: Seen = 'healthy';
    for (let minute = 0; minute < length; minute++) {
      if (number(4) === 0)
        state = (['healthy', 'failing', 'failing', 'unknown'] as const)[number(4)] ?? 'healthy';
      if (number(12) === 0) continue;
      sightings.push(look(signal, state, minute + number(40) / 60));
      if (number(15) === 0)
        sightings.push(look(signal, number(2) ? state : 'healthy', minute + number(50) / 60));
    }
  }
  const jump = number(10) === 0 ? number(120) - 60 : 0;
  const moved = sightings.map((each) => (each.from > at(length / 2) ? move(each, jump) : each));
  const failsFor = milliseconds((1 + number(4)) * MINUTE);
  const atLeast = 2 + number(3);
  const signals = Object.fromEntries(SIGNALS.map((name) => [name, { failsFor }]));
  const decide = { ...evidence().decide, of: SIGNALS, atLeast };
  return { sightings: moved, now: at(length + jump), failsFor, atLeast, signals, decide, number };
}

function move(sighting: Sighting, minutes: number): Sighting {
  const moved = new Date(sighting.from.getTime() + minutes * MINUTE);
  return { ...sighting, from: moved, until: moved };
}

/** Says by every single look whether a signal has failed for its whole time. Written apart from the code, and slower. */
function failedWhole(sightings: readonly Sighting[], signal: string, failsFor: number, now: Date): boolean {
  const own = sightings
    .filter((each) => each.signal === signal && each.from <= now)
    .toSorted((one, other) => one.from.getTime() - other.from.getTime());
  const failed = own.filter(({ seen }) => seen === 'failing').map(({ from }) => from.getTime());
  const healthy = own.filter(({ seen }) => seen === 'healthy').map(({ from }) => from.getTime());
  const last = failed.at(-1);
  if (last === undefined || now.getTime() - last > MAX_GAP_MS) return false;
  return failed.some(
    (first, index) =>
      last - first >= failsFor &&
      !healthy.some((time) => time >= first) &&
      failed.slice(index + 1).every((time, next) => time - (failed[index + next] ?? 0) <= MAX_GAP_MS),
  );
}

function shuffled<Each>(list: readonly Each[], number: (below: number) => number): Each[] {
  const all = [...list];
  for (let index = all.length - 1; index > 0; index--) {
    const other = number(index + 1);
    [all[index], all[other]] = [all[other] as Each, all[index] as Each];
  }
  return all;
}

const seeds = Array.from({ length: RUNS }, (_, index) => index + 1);

describe('in random histories', () => {
  test('the primary is never lost with fewer signals than the plan asks for, each failing for its whole time', () => {
    let lost = 0;
    for (const seed of seeds) {
      const { sightings, now, failsFor, atLeast, signals, decide } = history(seed);
      const { primary } = assess(evidence({ sightings, signals, decide }), now);
      const failed = SIGNALS.filter((name) => failedWhole(sightings, name, failsFor, now));
      if (primary === 'lost') {
        lost++;
        expect(failed.length, `seed ${seed}`).toBeGreaterThanOrEqual(atLeast);
      }
      if (primary === 'healthy') expect(failed.length, `seed ${seed}`).toBeLessThan(atLeast);
    }
    expect(lost).toBeGreaterThan(RUNS / 50); // else the histories show nothing
  });

  test('the order of the looks changes nothing', () => {
    for (const seed of seeds) {
      const { sightings, now, signals, decide, number } = history(seed);
      const inOrder = assess(evidence({ sightings, signals, decide }), now);
      const other = shuffled(sightings, number);
      expect(assess(evidence({ sightings: other, signals, decide }), now), `seed ${seed}`).toEqual(inOrder);
    }
  });

  test('what is remembered decides as all looks do, and no later than they', () => {
    for (const seed of seeds) {
      const { sightings, now, signals, decide } = history(seed);
      const all = sightings
        .filter(({ from }) => from <= now)
        .toSorted((a, b) => a.from.getTime() - b.from.getTime());
      let kept: Sighting[] = [];
      for (const each of all) kept = remember([...kept, each], SUBJECTS, each.from);
      const whole = assess(evidence({ sightings: all, signals, decide }), now);
      const remembered = assess(evidence({ sightings: kept, signals, decide }), now);
      expect(remembered, `seed ${seed}`).toEqual(whole);
    }
  });

  test('what comes late, out of order or twice never makes the primary lost that no single looks show', () => {
    for (const seed of seeds.slice(0, RUNS / 4)) {
      const { sightings, now, failsFor, atLeast, signals, decide, number } = history(seed);
      const past = sightings.filter(({ from }) => from <= now);
      let kept: Sighting[] = [];
      for (const each of shuffled([...past, ...past.slice(0, 5)], number))
        kept = remember([...kept, each], SUBJECTS, now);
      const { primary } = assess(evidence({ sightings: kept, signals, decide }), now);
      const failed = SIGNALS.filter((name) => failedWhole(past, name, failsFor, now));
      if (primary === 'lost') expect(failed.length, `seed ${seed}`).toBeGreaterThanOrEqual(atLeast);
    }
  });
});
