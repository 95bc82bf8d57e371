import type { CopyDBSnapshotCommandInput as Input } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Snapshot } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf, parseArn } from '../arn.ts';
import { usableKey, usableKeyIn } from '../encryption.ts';
import { snapshotEvent } from '../events.ts';
import { type Call, requireUp, type Service } from '../service.ts';
import { newTags } from '../tags.ts';
import { namedSnapshotArn } from './describe-db-snapshots.ts';
import {
  changeSnapshot,
  describeSnapshot,
  newSnapshotName,
  requireAvailable,
  snapshotArn,
  snapshotByArn,
  snapshotFailed,
} from './snapshot.ts';

export const copyDBSnapshot = action('CopyDBSnapshot', {
  parameters: [
    'CopyTags',
    'KmsKeyId',
    'OptionGroupName',
    'PreSignedUrl',
    'SourceDBSnapshotIdentifier',
    'Tags',
    'TargetDBSnapshotIdentifier',
  ],
  // In the Region of the source too: a policy has to allow both.
  resources: (call, input) => [
    namedSnapshotArn(call, input.SourceDBSnapshotIdentifier),
    arnOf(call, 'snapshot', (input.TargetDBSnapshotIdentifier ?? '').toLowerCase()),
  ],
  async perform(call, input) {
    const { service } = call;
    const KmsKeyId = await keyOfCopy(call, source(call, input), input.KmsKeyId);
    // Read again: looking for the key took a while.
    const from = source(call, input);
    requireAvailable(from);
    if (
      from.shown.SnapshotType === 'manual' &&
      from.region !== call.region &&
      from.account !== call.account &&
      from.shown.Encrypted
    ) {
      throw new Fault(
        'InvalidParameterCombination',
        'A shared encrypted snapshot cannot be copied to another Region. Copy it in its own Region first.',
      );
    }
    const inFlight = service.state.snapshots.list(call).filter(({ copying }) => copying === true);
    if (inFlight.length >= service.quotas.snapshotCopiesInFlight) {
      throw new Fault(
        'SnapshotQuotaExceededFault',
        `Cannot have more than ${service.quotas.snapshotCopiesInFlight} snapshot copies in progress in ${call.region}.`,
      );
    }
    const name = newSnapshotName(call, 'TargetDBSnapshotIdentifier', input.TargetDBSnapshotIdentifier);
    const given = newTags(input.Tags, service.quotas);
    const tags = input.CopyTags && given.length === 0 ? from.shown.TagList : given;
    const { account, region } = call;
    const copy = service.state.snapshots.put({
      account,
      region,
      name,
      status: 'creating',
      copying: true,
      folder: service.backups.next(),
      restorableBy: [],
      of: from.of,
      shown: {
        ...from.shown,
        DBSnapshotIdentifier: name,
        DBSnapshotArn: arnOf(call, 'snapshot', name),
        SnapshotType: 'manual',
        SnapshotCreateTime: undefined,
        SourceDBSnapshotIdentifier: snapshotArn(from),
        ...(from.region !== region && { SourceRegion: from.region }),
        ...(input.OptionGroupName !== undefined && { OptionGroupName: input.OptionGroupName }),
        Encrypted: KmsKeyId !== undefined,
        KmsKeyId,
        TagList: tags ?? [],
      },
    });
    beginCopy(service, copy, from);
    return { DBSnapshot: describeSnapshot(copy) };
  },
});

function source(call: Call, { SourceDBSnapshotIdentifier: identifier = '' }: Input): Snapshot {
  const arn = parseArn(identifier) ? identifier : arnOf(call, 'snapshot', identifier.toLowerCase());
  return snapshotByArn(call.service, arn, call.account);
}

/**
 * The key of the copy. An encrypted snapshot stays encrypted: in its Region by its own key unless another is named, elsewhere by a
 * key of that Region, which has to be named. Throws KMSKeyNotAccessibleFault and InvalidParameterCombination.
 */
async function keyOfCopy(
  call: Call,
  from: Snapshot,
  wanted: string | undefined,
): Promise<string | undefined> {
  const { Encrypted, KmsKeyId } = from.shown;
  if (Encrypted && KmsKeyId) await usableKeyIn(call.service, from, KmsKeyId);
  if (wanted !== undefined) return usableKey(call, wanted);
  if (!Encrypted) return undefined;
  if (from.region === call.region && from.account === call.account) return KmsKeyId;
  throw new Fault(
    'InvalidParameterCombination',
    `The snapshot ${from.name} is encrypted: KmsKeyId must name a key of ${call.region} to copy it there.`,
  );
}

function beginCopy(service: Service, copy: Snapshot, from: Snapshot): void {
  const words = `copy of snapshot ${from.name} from region ${from.region}`;
  snapshotEvent(service, copy, 'notification', `Started ${words}`);
  service.work.begin(
    copy.region,
    async (signal) => {
      await service.pace.hold({ arn: snapshotArn(copy), status: 'creating' }, signal);
      await service.engine.copyBackup(await service.engine.readBackup(from.folder), copy.folder, signal);
      requireUp(service, from.region);
      const SnapshotCreateTime = service.clock();
      changeSnapshot(service, copy, {
        status: 'available',
        copying: undefined,
        shown: { SnapshotCreateTime },
      });
      snapshotEvent(service, copy, 'notification', `Finished ${words}`);
    },
    (error) => snapshotFailed(service, copy, error),
    service.backups.lease(from.folder),
  );
}
