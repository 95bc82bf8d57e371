import { type RDSClient, RestoreDBInstanceToPointInTimeCommand } from '@aws-sdk/client-rds';
import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';
import { askRds } from './ask-rds.ts';
import type { InstanceOrigin } from './instances.ts';
import { requestedSettings } from './requested-settings.ts';

/** A moment that an instance is made of. Storage and KMS key are those of the source: RDS takes no other key. */
export function momentOrigin(
  client: RDSClient,
  region: string,
  {
    instance,
    moment,
    resourceId,
    settings,
  }: {
    /** The name of the source, for messages. */
    instance: string;
    /** A whole second. */
    moment: Date;
    /**
     * Finds the `DbiResourceId` of the source, which a deleted instance has as well. Asked only when the instance is requested: RDS
     * may forget the moment while it restores it.
     */
    resourceId: () => Promise<string>;
    settings: InstanceSettings | null;
  },
): InstanceOrigin {
  return {
    named: `"${instance}" at ${moment.toISOString()}`,
    settings,
    async restore({ name, ...into }) {
      const SourceDbiResourceId = await resourceId();
      return askRds(region, () =>
        client.send(
          new RestoreDBInstanceToPointInTimeCommand({
            TargetDBInstanceIdentifier: name,
            SourceDbiResourceId,
            RestoreTime: moment,
            ...requestedSettings(into, settings),
          }),
        ),
      );
    },
  };
}
