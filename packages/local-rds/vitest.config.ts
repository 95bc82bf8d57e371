import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], maxWorkers: number, groupOrder: number) => ({
  extends: true as const,
  test: { name, include, maxWorkers, fileParallelism: maxWorkers > 1, sequence: { groupOrder } },
});

/** Tests that start servers run one file at a time: they kill processes and look for what is left. */
export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      project('unit', ['test/unit/**/*.test.ts'], 2, 0),
      project('servers', ['test/integration/**/*.test.ts', 'test/readme.test.ts'], 1, 1),
    ],
  },
});
