import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { namedInstanceArn } from '../instances/describe-instance.ts';
import { beginOperation, change, instanceNamed, requireStatus } from '../instances/instance.ts';
import { newTags } from '../tags.ts';
import { announceSnapshot, describeSnapshot, newSnapshotName } from './snapshot.ts';
import { takeSnapshot } from './take-snapshot.ts';

export const createDBSnapshot = action('CreateDBSnapshot', {
  parameters: ['DBSnapshotIdentifier', 'DBInstanceIdentifier', 'Tags'],
  resources: (call, input) => [
    namedInstanceArn(call, input.DBInstanceIdentifier),
    arnOf(call, 'snapshot', (input.DBSnapshotIdentifier ?? '').toLowerCase()),
  ],
  perform(call, input) {
    const { service } = call;
    const name = newSnapshotName(call, 'DBSnapshotIdentifier', input.DBSnapshotIdentifier);
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    requireStatus(
      instance,
      ['available', 'storage-full'],
      `Cannot create a snapshot because the database instance ${instance.name} is not currently in the available state.`,
    );
    const tags = newTags(input.Tags, service.quotas);
    const { status } = instance;
    const snapshot = announceSnapshot(service, instance, name, 'manual', tags);
    const back = () => change(service, instance, { status, work: undefined });
    beginOperation(service, instance, {
      work: { kind: 'back-up', snapshot: name },
      status: 'backing-up',
      async run(signal) {
        await takeSnapshot(service, instance, snapshot, signal);
        back();
      },
      failed: back,
    });
    return { DBSnapshot: describeSnapshot(snapshot) };
  },
});
