import { expect, test } from 'vitest';
import { regionOf } from '../../../cli/aws/region.ts';

test.each([
  [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
  [{ AWS_DEFAULT_REGION: 'us-east-1' }, 'us-east-1'],
  [{ AWS_REGION: ' ', AWS_DEFAULT_REGION: 'us-east-1\n' }, 'us-east-1'],
  [{ AWS_REGION: '', AWS_DEFAULT_REGION: '' }, 'eu-central-1'],
  [{ AWS_PROFILE: 'work' }, 'eu-central-1'],
])('with %j a plan of eu-central-1 is looked for in %s', (environment, region) => {
  expect(regionOf(environment, 'eu-central-1')).toBe(region);
});
