import { expect, it } from 'vitest';
import { exportLines, showGuide } from '../../../cli/render/guide.ts';
import type { LocalAws } from '../../../local/start.ts';
import { planOf } from '../resources/plan-fixture.ts';
import { recordingScreen } from './recording-screen.ts';

const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'us-east-1' };

const running = {
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  accountId: '000000000000',
  stack: { name: 'lifeboat-shop-local' },
  standby: null,
  scratch: { host: '127.0.0.1', port: 5433 },
  databases: {},
  runFolder: '/tmp/run',
  environment,
};

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

it.each([
  ['us-east-1', true],
  ['eu-central-1', false],
])(
  'in %s the AWS CLI v1 ignores the endpoint of some services, and the guide says so: %s',
  (region, warned) => {
    const screen = recordingScreen();
    const aws = { ...running, region } as unknown as LocalAws;
    showGuide(screen, { aws, plan: planOf(), planPath: 'shop.yml', verbs: ['status'] }, {});
    expect(screen.text().includes('AWS CLI v1 ignores AWS_ENDPOINT_URL for RDS and SQS')).toBe(warned);
  },
);

it('says where the standby is, where there is one, and how to look from there', () => {
  const screen = recordingScreen();
  const standby = { region: 'eu-west-1', stack: { name: 'lifeboat-shop-local' } };
  const aws = { ...running, standby } as unknown as LocalAws;
  const verbs = ['status --region standby'];
  showGuide(screen, { aws, plan: planOf(), planPath: 'shop.yml', verbs }, {});
  expect(screen.text()).toMatch(/standby +eu-west-1, stack lifeboat-shop-local/);
  expect(screen.text()).toContain('status --region standby shop.yml');
});
