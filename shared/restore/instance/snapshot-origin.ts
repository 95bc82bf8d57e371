import { type RDSClient, RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';
import { askRds } from './ask-rds.ts';
import type { InstanceOrigin } from './instances.ts';
import { requestedSettings } from './requested-settings.ts';

/** A snapshot that an instance is made of. Storage and KMS key are those of the snapshot: RDS takes no others. */
export function snapshotOrigin(
  client: RDSClient,
  region: string,
  { snapshot, settings }: { snapshot: string; settings: InstanceSettings | null },
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
            ...requestedSettings(into, settings),
          }),
        ),
      ),
  };
}
