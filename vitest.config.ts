import { defineConfig } from 'vitest/config';

/** Tests of the local AWS start whole machines, and look for what they leave behind: one file at a time. */
const alone = [
  'test/integration/*.test.ts',
  'test/integration/rds/access.test.ts',
  'test/unit/local/*.test.ts',
  'test/drills/*.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
