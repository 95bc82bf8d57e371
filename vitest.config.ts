import { defineConfig } from 'vitest/config';

/** Tests of the local AWS start whole machines, and look for what they leave behind: one file at a time. */
const serial = ['test/integration/*.test.ts', 'test/drills/*.test.ts'];

/** Of the packages only what is quick; each has a script for all of its tests, as `npm run test:rds`. */
const packages = ['packages/*/test/unit/**/*.test.ts'];

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
      project('parallel', ['test/**/*.test.ts', ...packages], serial, 2, 0),
      project('serial', serial, [], 1, 1),
    ],
  },
});
