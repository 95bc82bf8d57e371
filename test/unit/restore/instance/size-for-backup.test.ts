import { describe, expect, test } from 'vitest';
import {
  engineVersionOf,
  gibibytesFor,
  majorOf,
} from '../../../../shared/restore/instance/size-for-backup.ts';

const GIB = 2 ** 30;
const tables = (...of: { rows: number; rawBytes: number }[]) =>
  ({
    tables: of.map(({ rows, rawBytes }) => ({ rows: String(rows), parts: [{ rawBytes }] })),
  }) as unknown as Parameters<typeof gibibytesFor>[0];

describe('the storage of an empty instance', () => {
  test.each([
    ['an empty database gets the least that gp3 has', tables({ rows: 0, rawBytes: 0 }), 20],
    ['3 GiB fit into the least with their indexes', tables({ rows: 0, rawBytes: 3 * GIB }), 20],
    ['27 GiB, as much as one function loads', tables({ rows: 0, rawBytes: 27 * GIB }), 91],
    ['all tables count', tables({ rows: 0, rawBytes: 10 * GIB }, { rows: 0, rawBytes: 10 * GIB }), 70],
    // A join table of two integers is eight bytes a row as text, and 36 and more on disk without its indexes.
    ['narrow rows cost more than they hold', tables({ rows: 100_000_000, rawBytes: GIB }), 41],
    ['no instance has more than gp3 has', tables({ rows: 0, rawBytes: 1e15 }), 65_536],
  ])('%s', (_, manifest, gibibytes) => {
    expect(gibibytesFor(manifest)).toBe(gibibytes);
  });
});

test.each([
  [170_006, '17', '17.6'],
  [180_000, '18', '18.0'],
  [150_013, '15', '15.13'],
])('version %i of a server is %s, and %s at RDS', (serverVersion, major, version) => {
  expect(majorOf({ serverVersion })).toBe(major);
  expect(engineVersionOf({ serverVersion })).toBe(version);
});
