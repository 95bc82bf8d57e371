import { expect, it } from 'vitest';
import { exportLines } from '../../../cli/render/guide.ts';

const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'us-east-1' };

it('exports what makes every AWS tool act on the local AWS, and the stage it deployed', () => {
  expect(exportLines({ environment }, {})).toEqual([
    'export AWS_ENDPOINT_URL=http://127.0.0.1:4566',
    'export AWS_REGION=us-east-1',
    'export LIFEBOAT_STAGE=local',
  ]);
});

it('first unsets what would win over it: a profile, a session', () => {
  const [first] = exportLines({ environment }, { AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 't' });
  expect(first).toBe('unset AWS_PROFILE AWS_SESSION_TOKEN');
});
