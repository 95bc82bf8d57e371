import type { DBSnapshotAttributesResult } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Snapshot } from '../../state/things.ts';
import { action } from '../action.ts';
import type { Call } from '../service.ts';
import { namedSnapshotArn } from './describe-db-snapshots.ts';
import { changeSnapshot, snapshotNamed } from './snapshot.ts';

export const describeDBSnapshotAttributes = action('DescribeDBSnapshotAttributes', {
  parameters: ['DBSnapshotIdentifier'],
  resources: (call, input) => [namedSnapshotArn(call, input.DBSnapshotIdentifier)],
  perform: (call, input) => ({
    DBSnapshotAttributesResult: shownAttributes(snapshotNamed(call, input.DBSnapshotIdentifier)),
  }),
});

export const modifyDBSnapshotAttribute = action('ModifyDBSnapshotAttribute', {
  parameters: ['DBSnapshotIdentifier', 'AttributeName', 'ValuesToAdd', 'ValuesToRemove'],
  resources: (call, input) => [namedSnapshotArn(call, input.DBSnapshotIdentifier)],
  perform(call, input) {
    const snapshot = own(call, input.DBSnapshotIdentifier);
    if (input.AttributeName !== 'restore') {
      throw new Fault(
        'InvalidParameterValue',
        `Invalid snapshot attribute: ${input.AttributeName}. Expected: restore.`,
      );
    }
    const add = input.ValuesToAdd ?? [];
    const wrong = [...add, ...(input.ValuesToRemove ?? [])].find((who) => !/^(\d{12}|all)$/.test(who));
    if (wrong !== undefined)
      throw new Fault('InvalidParameterValue', `Invalid account: ${wrong}. Expected: 12 digits, or "all".`);
    if (snapshot.shown.SnapshotType !== 'manual' || snapshot.status !== 'available') {
      throw new Fault(
        'InvalidDBSnapshotStateFault',
        `Only a manual snapshot that is available can be shared: ${snapshot.name}.`,
      );
    }
    if (add.includes('all') && snapshot.shown.Encrypted) {
      throw new Fault(
        'InvalidDBSnapshotStateFault',
        `An encrypted snapshot can't be shared with everybody: ${snapshot.name}.`,
      );
    }
    const removed = new Set(input.ValuesToRemove);
    const restorableBy = [...new Set([...snapshot.restorableBy, ...add])].filter((who) => !removed.has(who));
    const limit = call.service.quotas.accountsOfOneSnapshot;
    if (restorableBy.length > limit) {
      throw new Fault(
        'SharedSnapshotQuotaExceededFault',
        `A snapshot can't be shared with more than ${limit} accounts.`,
      );
    }
    const changed = changeSnapshot(call.service, snapshot, { restorableBy });
    return { DBSnapshotAttributesResult: shownAttributes(changed) };
  },
});

/** Who shares a snapshot may restore it, not hand it on. */
function own(call: Call, identifier: string | undefined): Snapshot {
  const snapshot = snapshotNamed(call, identifier);
  if (snapshot.account === call.account) return snapshot;
  throw new Fault('DBSnapshotNotFoundFault', `DBSnapshot not found: ${identifier}`);
}

const shownAttributes = ({ name, restorableBy }: Snapshot): DBSnapshotAttributesResult => ({
  DBSnapshotIdentifier: name,
  DBSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [...restorableBy] }],
});
