import { defineConfig } from 'vitest/config';

const integration = (...names: string[]) => names.map((name) => `test/integration/${name}.test.ts`);
const drills = (...names: string[]) => names.map((name) => `test/drills/${name}.test.ts`);

/** Deploys, kills servers or looks at processes: each file starts a local AWS of its own. */
const ownAws = [
  ...integration('local', 'machines', 'rds-access', 'rds-end-of-a-run'),
  ...drills('drill', 'readme', 'replay-drill'),
];

/** Starts no AWS, and too much else to run beside other tests. */
const noAws = integration('fingerprint-versions', 'template');

/**
 * Whole runs again and again, killed, disturbed and without a permission, and what waits for RDS or for a person's own data:
 * `npm run test:slow`.
 */
const slow = [
  ...integration(
    'deploy-interrupted',
    'killed-runs',
    'permissions',
    'rds-snapshot',
    'replay-faults',
    'replay-soak',
    'restore-that-stays',
    'instance-that-stays',
    'snapshot-restore',
    'standby-instances',
    'standby-region',
    'watch-primary',
  ),
  ...drills('own-application', 'rds-drill'),
];

/** Inputs from the field on real PostgreSQL servers, without AWS. */
const cases = ['test/cases/**/*.test.ts'];

/** Inputs from the field that need queues. With `cases` they are all of test/cases/list.ts: `npm run test:cases`. */
const casesOnAws = integration('dead-letter-origins', 'rehydration-redis', 'replay-poison', 'subscription');

/** Deploys once, and has real servers of PostgreSQL 14 to 18: `npm run test:versions`. */
const versions = ['test/versions/**/*.test.ts'];

/** Each file opens an account of its own in one local AWS: `openAccount` of test/integration/support/account.ts. */
const sharedAws = integration('*');

/** Of the packages only what is quick; each has a script for all of its tests, as `npm run test:rds`. */
const packages = ['packages/*/test/unit/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'parallel',
          include: ['test/**/*.test.ts', ...packages],
          exclude: [...sharedAws, ...ownAws, ...slow, ...cases, ...versions],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'shared-aws',
          include: sharedAws,
          exclude: [...ownAws, ...noAws, ...slow, ...casesOnAws],
          globalSetup: 'test/integration/support/shared-aws.ts',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'own-aws',
          include: [...ownAws, ...noAws],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cases',
          include: cases,
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cases-on-aws',
          include: casesOnAws,
          globalSetup: 'test/integration/support/shared-aws.ts',
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: { name: 'versions', include: versions, fileParallelism: false, sequence: { groupOrder: 5 } },
      },
      {
        extends: true,
        test: { name: 'slow', include: slow, fileParallelism: false, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
