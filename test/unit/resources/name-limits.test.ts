import { expect, test } from 'vitest';
import { requireShortNames } from '../../../resources/name-limits.ts';
import { planOf } from './plan-fixture.ts';

/** The longest function is lifeboat-<workload>-<stage>-choose-recovery-point. */
const workloadOf = (length: number) => planOf({ workload: 'w'.repeat(length) });

test('a name of 64 characters is short enough for a function', () => {
  expect(() => requireShortNames(workloadOf(28), 'prod')).not.toThrow();
});

test('a longer one is refused with its number and its resource', () => {
  expect(() => requireShortNames(workloadOf(29), 'prod')).toThrow(
    expect.objectContaining({
      name: 'NotDeployable',
      message: expect.stringContaining(
        `Lambda function lifeboat-${'w'.repeat(29)}-prod-choose-recovery-point has 65 characters; AWS allows 64`,
      ),
    }),
  );
});

test('the stage counts', () => {
  const stage = 's'.repeat(60);
  expect(() => requireShortNames(planOf(), stage)).toThrow(
    /state machine lifeboat-shop-s+-restore-test has 87 characters; AWS allows 80/,
  );
  expect(() => requireShortNames(planOf(), 'staging')).not.toThrow();
});
