import { expect, it } from 'vitest';
import { whatStands } from '../../../../drills/accidental-deletion/what-stands.ts';

const before = { instances: ['here shop'], snapshots: ['here old'], secrets: ['here login'] };
const clean = { ...before, snapshots: ['here old', 'here new', 'there new'] };
const bad = (after: typeof before) =>
  whatStands(before, after)
    .filter(({ good }) => !good)
    .map(({ what, found }) => `${what}: ${found}`);

it('is good where only the snapshot and its copy came', () => {
  expect(bad(clean)).toEqual([]);
});

it.each([
  [{ ...clean, instances: ['here shop', 'here scratch'] }, 'instances that are left: here scratch'],
  [{ ...clean, secrets: ['here login', 'here rds!x'] }, 'secrets that are left: here rds!x'],
  [{ ...clean, snapshots: ['here old', 'here new'] }, 'snapshots, one in each Region: 1'],
])('names what is left or missing', (after, expected) => {
  expect(bad(after)).toEqual([expected]);
});
