import { type RDSClient, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';
import { askRds } from './ask-rds.ts';
import type { InstanceOrigin } from './instances.ts';
import { requestedSettings } from './requested-settings.ts';

/** A snapshot that an instance is made of. Storage and KMS key are those of the snapshot: RDS takes no others. */
export function snapshotOrigin(
  client: RDSClient,
  region: string,
  {
    snapshot,
    settings,
    takesGroups = true,
  }: {
    snapshot: string;
    settings: InstanceSettings | null;
    /** False where the source's subnet, parameter and option group are not: in another Region. RDS takes its defaults there. */
    takesGroups?: boolean;
  },
): InstanceOrigin {
  return {
    named: `snapshot "${snapshot}"`,
    settings,
    restore: (into) =>
      askRds(region, () =>
        client.send(
          new RestoreDBInstanceFromDBSnapshotCommand({
            DBInstanceIdentifier: into.name,
            DBSnapshotIdentifier: snapshot,
            ...requestedSettings(into, takesGroups ? settings : withoutGroups(settings)),
          }),
        ),
      ),
  };
}

function withoutGroups(settings: InstanceSettings | null) {
  const {
    subnetGroup: _subnets,
    parameterGroup: _parameters,
    optionGroup: _options,
    ...kept
  } = settings ?? {};
  return kept;
}
