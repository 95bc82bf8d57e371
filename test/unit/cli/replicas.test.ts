import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { gatherReplicas } from '../../../cli/aws/replicas.ts';
import { replicaRow } from '../../../cli/render/replicas.ts';
import type { ReplicaLag } from '../../../shared/replica/replica.ts';
import { DATABASE, planOf } from '../resources/plan-fixture.ts';
import { deployedWorkload } from './workload.ts';

const lag: ReplicaLag = {
  database: 'main',
  replica: 'shop-dr',
  region: 'eu-west-1',
  completeTo: '2026-10-05T11:59:40.000Z',
  lossSeconds: 20,
  unappliedBytes: 0,
  targetSeconds: 900,
  met: true,
  problem: null,
};
const place = ['main', 'shop-dr', 'eu-west-1'];

test.each<[object, string[]]>([
  [{}, ['20s', '15m: met', 'none']],
  [{ lossSeconds: 901, met: false }, ['15m 1s', '15m: MISSED', 'none']],
  [{ targetSeconds: null, met: null }, ['20s', 'any loss', 'none']],
  [
    { lossSeconds: null, met: false, problem: 'it was promoted' },
    ['not known', '15m: MISSED', 'it was promoted'],
  ],
])('of %j the status says what its promotion would lose', (difference, shown) => {
  expect(replicaRow({ ...lag, ...difference })).toEqual([...place, ...shown]);
});

describe('the replicas of a workload', () => {
  const lambda = mockClient(LambdaClient);
  beforeEach(() => lambda.reset());
  const plan = planOf({
    databases: { main: { ...DATABASE, rds: { instance: 'shop', replica: 'shop-dr' } } },
  });
  const at = async (region: string, replicatedTo: string | null, of = plan) => {
    const workload = await deployedWorkload();
    return { ...workload, plan: of, region, deployment: { ...workload.deployment, replicatedTo } };
  };
  const answers = (payload: object, FunctionError?: string) =>
    lambda.on(InvokeCommand).resolves({
      Payload: Buffer.from(JSON.stringify(payload)) as never,
      ...(FunctionError && { FunctionError }),
    });

  test.each([
    ['eu-central-1', 'eu-west-1'],
    ['eu-west-1', null],
  ])('are measured by the function in the standby Region, from %s', async (region, replicatedTo) => {
    answers({ lags: [lag] });
    expect(await gatherReplicas(await at(region, replicatedTo))).toEqual([lag]);
    const [call] = lambda.commandCalls(InvokeCommand);
    expect(await call?.thisValue.config.region()).toBe('eu-west-1');
  });

  test('are not asked for where no standby Region is deployed, or the plan has none', async () => {
    expect(await gatherReplicas(await at('eu-central-1', null))).toBeNull();
    expect(await gatherReplicas(await at('eu-central-1', 'eu-west-1', planOf()))).toEqual([]);
    expect(lambda.commandCalls(InvokeCommand)).toEqual([]);
  });

  test('that the function could not measure are said to be so, and hide nothing else', async () => {
    answers({ errorType: 'OutOfTime' }, 'Unhandled');
    const [seen] = (await gatherReplicas(await at('eu-central-1', 'eu-west-1'))) ?? [];
    expect(seen).toMatchObject({ replica: 'shop-dr', problem: expect.stringContaining('see its log') });
    expect(seen && replicaRow(seen)).toEqual([...place, 'not known', '', expect.any(String)]);
  });

  test('in a Region that does not respond are said to be so', async () => {
    lambda.on(InvokeCommand).rejects(Object.assign(new Error('connect ECONNREFUSED'), { name: 'Error' }));
    const [seen] = (await gatherReplicas(await at('eu-central-1', 'eu-west-1'))) ?? [];
    expect(seen).toMatchObject({ region: 'eu-west-1', problem: expect.stringContaining('ECONNREFUSED') });
  });
});
