import { defineConfig } from 'vitest/config';

/**
 * The local RDS: whoever kills it, waits for it or drives it by other programs takes as long as all other tests together, and runs
 * with `npm run test:rds` only.
 */
const quickRds = ['access', 'faults', 'life', 'parameters', 'requests', 'states'].map(
  (name) => `test/integration/rds/${name}.test.ts`,
);
const rds = [
  'test/integration/rds/*.test.ts',
  'test/integration/rds-engine/*.test.ts',
  'test/drills/rds-*.test.ts',
];

/** Tests of the local AWS start whole machines, and look for what they leave behind: one file at a time. */
const serial = ['test/integration/*.test.ts', 'test/unit/local/*.test.ts', 'test/drills/*.test.ts'];

const project = (
  name: string,
  include: string[],
  exclude: string[],
  maxWorkers: number,
  groupOrder: number,
) => ({
  extends: true as const,
  test: { name, include, exclude, maxWorkers, fileParallelism: maxWorkers > 1, sequence: { groupOrder } },
});

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      project('parallel', ['test/**/*.test.ts'], [...serial, ...rds], 2, 0),
      project('serial', [...serial, ...quickRds], ['test/drills/rds-*.test.ts'], 1, 1),
      project('rds', rds, quickRds, 1, 2),
    ],
  },
});
