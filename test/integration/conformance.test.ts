import { afterAll, beforeAll, expect, test } from 'vitest';
import { unexplained } from '../simulator/conformance/known-differences.ts';
import { runConformanceOnStepFunctions } from '../simulator/conformance/run-on-step-functions.ts';
import { openAccount, type TestAccount } from './support/account.ts';

let aws: TestAccount;
beforeAll(async () => {
  aws = await openAccount();
});
afterAll(() => aws?.stop());

test('the simulator and the local Step Functions agree on every case, but for the named differences', async () => {
  const differences = await runConformanceOnStepFunctions({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: aws.accountId, secretAccessKey: 'test' },
  });
  expect(unexplained(differences)).toEqual([]);
}, 90_000);
