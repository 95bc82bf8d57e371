import type { DescribeDBSnapshotsCommandInput as Input } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Snapshot } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf, parseArn } from '../arn.ts';
import { filtered } from '../filters.ts';
import { page } from '../pages.ts';
import type { Call } from '../service.ts';
import { describeSnapshot, mayRestore, snapshotArn, snapshotNamed, typeFor } from './snapshot.ts';

const types = ['automated', 'manual', 'shared', 'public', 'awsbackup'];

export const describeDBSnapshots = action('DescribeDBSnapshots', {
  parameters: [
    'DBInstanceIdentifier',
    'DBSnapshotIdentifier',
    'DbiResourceId',
    'Filters',
    'IncludePublic',
    'IncludeShared',
    'Marker',
    'MaxRecords',
    'SnapshotType',
  ],
  resources: (call, input) => [
    input.DBSnapshotIdentifier
      ? namedSnapshotArn(call, input.DBSnapshotIdentifier)
      : arnOf(call, 'snapshot', '*'),
  ],
  perform(call, input) {
    if (input.SnapshotType !== undefined && !types.includes(input.SnapshotType))
      throw new Fault('InvalidParameterValue', `Invalid snapshot type: ${input.SnapshotType}`);
    const instance =
      parseArn(input.DBInstanceIdentifier ?? '')?.name ?? input.DBInstanceIdentifier?.toLowerCase();
    const candidates = input.DBSnapshotIdentifier
      ? [snapshotNamed(call, input.DBSnapshotIdentifier)]
      : visible(call, input);
    const ofType = candidates.filter((snapshot) => isOfType(call, snapshot, input.SnapshotType));
    if (input.DBSnapshotIdentifier && ofType.length === 0)
      throw new Fault(
        'DBSnapshotNotFoundFault',
        `There is no ${input.SnapshotType} snapshot ${input.DBSnapshotIdentifier}.`,
      );
    const wanted = filtered(
      ofType
        .filter(({ shown }) => instance === undefined || shown.DBInstanceIdentifier === instance)
        .filter(
          ({ shown }) => input.DbiResourceId === undefined || shown.DbiResourceId === input.DbiResourceId,
        ),
      input.Filters,
      {
        'db-instance-id': ({ account, region, shown }) => [
          shown.DBInstanceIdentifier,
          arnOf({ account, region }, 'db', shown.DBInstanceIdentifier ?? ''),
        ],
        'db-snapshot-id': (snapshot) =>
          snapshot.account === call.account
            ? [snapshot.name, snapshotArn(snapshot)]
            : [snapshotArn(snapshot)],
        'dbi-resource-id': ({ shown }) => [shown.DbiResourceId],
        'snapshot-type': (snapshot) => [typeFor(snapshot, call.account)],
        engine: ({ shown }) => [shown.Engine],
      },
    );
    const { items, ...marker } = page(wanted, snapshotArn, input);
    return { ...marker, DBSnapshots: items.map((item) => describeSnapshot(item, call.account)) };
  },
});

/** The caller's own, and those of others that the request asks for, by ARN. */
function visible(call: Call, { IncludePublic, IncludeShared, SnapshotType }: Input): Snapshot[] {
  const shared = IncludeShared === true || SnapshotType === 'shared';
  const open = IncludePublic === true || SnapshotType === 'public';
  return call.service.state.snapshots
    .all()
    .filter(({ region }) => region === call.region)
    .filter(
      (snapshot) =>
        snapshot.account === call.account ||
        (shared && snapshot.restorableBy.includes(call.account)) ||
        (open && snapshot.restorableBy.includes('all')),
    )
    .sort((one, other) => (snapshotArn(one) < snapshotArn(other) ? -1 : 1));
}

/** Without a type: what is the caller's own, and what was included besides. */
function isOfType(call: Call, snapshot: Snapshot, type: string | undefined): boolean {
  if (type === undefined) return true;
  if (type === 'public') return snapshot.restorableBy.includes('all');
  if (type === 'shared') return snapshot.account !== call.account && mayRestore(snapshot, call.account);
  return snapshot.account === call.account && snapshot.shown.SnapshotType === type;
}

export const namedSnapshotArn = (call: Call, name: string | undefined) =>
  name?.startsWith('arn:') ? name : arnOf(call, 'snapshot', (name ?? '').toLowerCase());
