import {
  type RDSClient,
  RestoreDBInstanceToPointInTimeCommand,
  type RestoreDBInstanceToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';
import { askRds } from './ask-rds.ts';
import type { InstanceOrigin } from './instances.ts';
import { requestedSettings } from './requested-settings.ts';

/**
 * What RDS finds the automated backups of an instance by: the `DbiResourceId` of the instance, which a deleted one has as well, or
 * in another Region the ARN of their copies.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AutomatedBackups.PiTR.html
 */
export type MomentSource = Pick<
  RestoreDBInstanceToPointInTimeCommandInput,
  'SourceDbiResourceId' | 'SourceDBInstanceAutomatedBackupsArn'
>;

/** A moment that an instance is made of. Storage and KMS key are those of the source: RDS takes no other key. */
export function momentOrigin(
  client: RDSClient,
  region: string,
  {
    instance,
    moment,
    source,
    settings,
  }: {
    /** The name of the source, for messages. */
    instance: string;
    /** A whole second. */
    moment: Date;
    /** Finds the automated backups. Asked only when the instance is requested: RDS may forget the moment while it restores it. */
    source: () => Promise<MomentSource>;
    settings: InstanceSettings | null;
  },
): InstanceOrigin {
  return {
    named: `"${instance}" at ${moment.toISOString()}`,
    settings,
    async restore({ name, ...into }) {
      const from = await source();
      return askRds(region, () =>
        client.send(
          new RestoreDBInstanceToPointInTimeCommand({
            TargetDBInstanceIdentifier: name,
            ...from,
            RestoreTime: moment,
            ...requestedSettings(into, settings),
          }),
        ),
      );
    },
  };
}
