import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeDBClustersCommand, DescribeDBInstancesCommand, type RDSClient } from '@aws-sdk/client-rds';
import { classifyServiceError, wordsOf } from '../../aws/service-error.ts';
import { isComingBack, isReady } from '../../backup/rds-snapshot/instance-state.ts';
import { type Finding, failing, healthy, silent, unknown } from './look.ts';

/** Asks RDS in the primary Region for the state of an instance or a cluster. */
export async function lookAtInstance(
  rds: RDSClient,
  { instance, cluster }: { instance?: string | undefined; cluster?: string | undefined },
): Promise<Finding> {
  const what = instance ? `RDS instance "${instance}"` : `Aurora cluster "${cluster}"`;
  try {
    const status = instance
      ? await statusOfInstance(rds, instance)
      : await statusOfCluster(rds, cluster ?? '');
    if (status === undefined) return failing(`there is no ${what}`);
    return isReady(status) || isComingBack(status)
      ? healthy(`${what} is ${status}`)
      : failing(`${what} is ${status}`);
  } catch (error) {
    return findingOfService(error, 'the RDS API of the primary Region', `there is no ${what}`);
  }
}

async function statusOfInstance(rds: RDSClient, name: string): Promise<string | undefined> {
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }));
  return DBInstances[0]?.DBInstanceStatus;
}

async function statusOfCluster(rds: RDSClient, name: string): Promise<string | undefined> {
  const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: name }));
  return DBClusters[0]?.Status;
}

/** Asks CloudWatch in this Region for the state of an alarm. One without data knows nothing of the primary. */
export async function lookAtAlarm(cloudwatch: CloudWatchClient, name: string): Promise<Finding> {
  try {
    const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    const state = [...MetricAlarms, ...CompositeAlarms][0]?.StateValue;
    if (state === undefined) return unknown(`there is no alarm "${name}" in this Region`);
    if (state === 'INSUFFICIENT_DATA') return unknown(`the alarm "${name}" has no data`);
    return state === 'ALARM'
      ? failing(`the alarm "${name}" is in ALARM`)
      : healthy(`the alarm "${name}" is ${state}`);
  } catch (error) {
    // This Region's own service: whatever is wrong with it says nothing of the other Region.
    return unknown(`CloudWatch of this Region could not be asked: ${wordsOf(error)}`);
  }
}

/**
 * Whether the watcher's own network works, by the RDS API of its own Region: any answer will do.
 *
 * @returns null if it works, else why not
 */
export async function ownNetworkFault(rds: RDSClient): Promise<string | null> {
  try {
    await rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20 }));
    return null;
  } catch (error) {
    const kind = classifyServiceError(error);
    return kind === 'unreachable' || kind === 'unavailable' || kind === null ? wordsOf(error) : null;
  }
}

function findingOfService(error: unknown, service: string, missing: string): Finding {
  switch (classifyServiceError(error)) {
    case 'missing':
      return failing(missing);
    case 'unreachable':
    case 'unavailable':
      return silent(`${service} did not answer: ${wordsOf(error)}`);
    case 'throttled':
      return unknown(`${service} throttles the watcher`);
    default:
      return unknown(`${service} could not be asked: ${wordsOf(error)}`);
  }
}
