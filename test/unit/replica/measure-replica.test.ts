import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { measureReplica as permissionsOf } from '../../../functions/standby/permissions.ts';
import { derive } from '../../../resources/derive.ts';
import { replicaAlarms } from '../../../resources/replica-alarms.ts';
import { DatabaseUnreachable, type ReplicaState } from '../../../shared/database/engine.ts';
import { measureReplica, replicasOf } from '../../../shared/replica/measure-replica.ts';
import { rdsReplicas } from '../../../shared/replica/rds-replicas.ts';
import { DATABASE, planOf } from '../resources/plan-fixture.ts';

const rdsOf = (rds: object) => ({ databases: { main: { ...DATABASE, rds } } });
const plan = planOf(rdsOf({ instance: 'shop', replica: 'shop-dr' }));
const [planned] = replicasOf(plan);

const rds = mockClient(RDSClient);
beforeEach(() => rds.reset());
afterEach(() => rds.reset());

const now = new Date('2026-10-05T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const state: ReplicaState = {
  standby: true,
  now,
  heartbeatAt: ago(50),
  appliedTo: ago(20),
  receivedTo: null,
  unappliedBytes: 4096,
  streaming: true,
};
const instance = {
  DBInstanceStatus: 'available',
  ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:eu-central-1:123456789012:db:shop',
  Endpoint: { Address: 'shop-dr.example.com', Port: 5433 },
  StatusInfos: [{ StatusType: 'read replication', Normal: true, Status: 'replicating' }],
};
const found = (difference: object = {}) =>
  rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ ...instance, ...difference }] });

async function measure(read: () => Promise<ReplicaState> = async () => state) {
  const asked: object[] = [];
  if (!planned) throw new Error('the plan has a replica');
  const lag = await measureReplica(
    {
      plan,
      replicas: rdsReplicas(new RDSClient({ region: 'eu-west-1' }), 'eu-west-1'),
      reads: { read },
      accessTo: async (_, address) => {
        asked.push(address);
        return { ...address, username: 'app', password: 'x', dbname: 'app', certificateAuthority: '' };
      },
    },
    planned,
  );
  return { lag, asked };
}

describe('the lag of a read replica', () => {
  test('is what the replica itself says, at the address that RDS gives it', async () => {
    found();
    expect(await measure()).toEqual({
      asked: [{ host: 'shop-dr.example.com', port: 5433 }],
      lag: {
        database: 'main',
        replica: 'shop-dr',
        region: 'eu-west-1',
        completeTo: ago(20).toISOString(),
        lossSeconds: 20,
        unappliedBytes: 4096,
        targetSeconds: 900,
        met: true,
        problem: null,
      },
    });
  });

  test('misses the RPO by what would be lost', async () => {
    found();
    const late = { ...state, heartbeatAt: ago(901), appliedTo: null };
    expect((await measure(async () => late)).lag).toMatchObject({ lossSeconds: 901, met: false });
  });

  // docs.aws.amazon.com: PromoteReadReplica is refused while it is `backing-up`. What is lost is known all the same.
  test.each<[object, string]>([
    [{ DBInstanceStatus: 'backing-up' }, 'it is backing-up: RDS promotes one that is available'],
    [
      {
        StatusInfos: [{ StatusType: 'read replication', Normal: false, Status: 'error', Message: 'no WAL' }],
      },
      'RDS says that its replication is error: no WAL',
    ],
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Monitoring.html: after 30 days without replication.
    [
      { StatusInfos: [{ StatusType: 'read replication', Normal: false, Status: 'terminated' }] },
      'RDS says that its replication is terminated',
    ],
  ])('is known of one that cannot be promoted now: %j', async (difference, problem) => {
    found(difference);
    expect((await measure()).lag).toMatchObject({ lossSeconds: 20, problem });
  });

  test.each<[object, string]>([
    [{ ReadReplicaSourceDBInstanceIdentifier: undefined }, 'it was promoted'],
    [{ ReadReplicaSourceDBInstanceIdentifier: 'first' }, 'follows "first"'],
    [{ Endpoint: undefined, DBInstanceStatus: 'creating' }, 'is creating and has no address yet'],
  ])('is not asked for where the instance is no replica of the source: %j', async (difference, problem) => {
    found(difference);
    const { lag, asked } = await measure();
    expect(asked).toEqual([]);
    expect(lag).toMatchObject({ lossSeconds: null, met: false, problem: expect.stringContaining(problem) });
  });

  // github.com/ankane/distribute_reads/issues/26: a lag of -1 was taken for a small one. Nothing known is no number here.
  test.each<[string, () => void, (() => Promise<ReplicaState>) | undefined, string]>([
    [
      'RDS does not know it',
      () =>
        rds
          .on(DescribeDBInstancesCommand)
          .rejects(Object.assign(new Error('no'), { name: 'DBInstanceNotFoundFault' })),
      undefined,
      'there is no instance "shop-dr"',
    ],
    [
      'RDS refuses to say',
      () =>
        rds
          .on(DescribeDBInstancesCommand)
          .rejects(Object.assign(new Error('slow down'), { name: 'Throttling' })),
      undefined,
      'slow down',
    ],
    [
      'it cannot be reached',
      () => found(),
      async () => {
        throw new DatabaseUnreachable('database "app" at shop-dr could not be connected to');
      },
      'could not be connected to',
    ],
  ])('is no number where %s', async (_, prepare, read, problem) => {
    prepare();
    const { lag } = await measure(read);
    expect(lag).toMatchObject({ lossSeconds: null, met: false, problem: expect.stringContaining(problem) });
  });
});

describe('in the stacks', () => {
  test('it is measured each minute in the standby Region, and nowhere else', () => {
    const schedules = (role: 'primary' | 'standby' | 'alone') =>
      Object.keys(derive(plan, role).schedules).filter((id) => id.startsWith('MeasureReplicaS'));
    expect(schedules('standby')).toEqual(['MeasureReplicaSchedule']);
    expect(schedules('primary')).toEqual([]);
    expect(schedules('alone')).toEqual([]);
    expect(Object.keys(derive(planOf(), 'standby').schedules)).not.toContain('MeasureReplicaSchedule');
  });

  test('an alarm goes off by the RPO, and where nothing is measured', () => {
    const { MainReplicaLagAlarm: alarm } = derive(plan, 'standby').alarms;
    expect(alarm).toMatchObject({
      Properties: { Threshold: 900, TreatMissingData: 'breaching', Period: 60, EvaluationPeriods: 3 },
    });
    expect(derive(plan, 'primary').alarms).not.toHaveProperty('MainReplicaLagAlarm');
  });

  test.each([
    ['any loss is accepted', 'any', 3600],
    // Between two heartbeats an idle source shows nothing newer to a login without pg_monitor.
    ['an RPO that no heartbeat can show', '10s', 120],
  ])('with %s the limit is one that means something', (_, rpo, seconds) => {
    const objectives = { rpo, rto: '30m', scenarios: { crash: { rpo: '15m', rto: '20m' } } };
    const [[, alarm] = []] = replicaAlarms(
      planOf({ ...rdsOf({ instance: 'shop', replica: 'dr' }), objectives }),
    );
    expect(alarm).toMatchObject({ Properties: { Threshold: seconds } });
  });

  test('its role sees the replica alone, and reads the login of its source', () => {
    const text = JSON.stringify(permissionsOf(plan));
    expect(text).toContain(':db:shop-dr');
    expect(text).toContain('shop/database-??????');
    expect(text).not.toMatch(/:db:\*|:db:shop"/);
    expect(permissionsOf(planOf()).flatMap(({ Resource }) => Resource)).toEqual([]);
  });
});

test('a replica stands beside an instance, and not beside a cluster', () => {
  expect(() => planOf(rdsOf({ cluster: 'shop', replica: 'shop-dr' }))).toThrow(
    'no replica beside a cluster: it is for an instance',
  );
});
