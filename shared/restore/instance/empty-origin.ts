import { CreateDBInstanceCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { Manifest } from '../../backup/logical/manifest.ts';
import { askRds } from './ask-rds.ts';
import { InstanceRefused } from './instance-errors.ts';
import type { InstanceOrigin } from './instances.ts';
import { requestedSettings } from './requested-settings.ts';
import { engineVersionOf, gibibytesFor, majorOf } from './size-for-backup.ts';

/** The database of an empty instance that its scratch databases are made from. RDS makes it with every instance of PostgreSQL. */
export const MAINTENANCE_DATABASE = 'postgres';

/** Its master user. RDS refuses reserved words, such as "admin". */
const MASTER_USER = 'lifeboat';

/** How RDS says that it does not offer a version, or no longer. */
const NO_SUCH_VERSION = /Cannot find version/i;

/** What the plan says of an empty instance, beyond what it says of any. */
export interface EmptyInstance {
  readonly engineVersion?: string | undefined;
  readonly gibibytes?: number | undefined;
  /** KMS key of the storage and of the secret with the master password, by alias; those of RDS and Secrets Manager if absent. */
  readonly kmsKey?: string | undefined;
}

/**
 * Nothing: the instance is created empty, and a logical backup is loaded into it afterwards. It is encrypted, and has a master
 * password of its own from the beginning.
 *
 * @param manifest reads what the backup needs. Called only when the instance is requested
 */
export function emptyOrigin(
  client: RDSClient,
  region: string,
  planned: EmptyInstance,
  manifest: () => Promise<Manifest>,
): InstanceOrigin {
  return {
    named: 'nothing, for a logical backup',
    settings: null,
    async restore({ name, ...into }) {
      const backup = await manifest();
      const major = majorOf(backup.source);
      const { engineVersion, kmsKey } = planned;
      // A backup is loaded into its own major version only. Looked at now, so that no instance is paid for in vain.
      if (engineVersion !== undefined && engineVersion.split('.')[0] !== major)
        throw new InstanceRefused(
          `the backup is of PostgreSQL ${major}, and the plan wants an instance of ${engineVersion}`,
          { hint: 'correct into.scratchInstance.engineVersion in the plan, or leave it out' },
        );
      const create = (EngineVersion: string) =>
        askRds(region, () =>
          client.send(
            new CreateDBInstanceCommand({
              DBInstanceIdentifier: name,
              Engine: 'postgres',
              ...requestedSettings(into, null),
              EngineVersion,
              // Without Iops: below 400 GiB RDS refuses them, and above it takes its own.
              StorageType: 'gp3',
              AllocatedStorage: planned.gibibytes ?? gibibytesFor(backup),
              StorageEncrypted: true,
              MasterUsername: MASTER_USER,
              ManageMasterUserPassword: true,
              ...(kmsKey !== undefined && { KmsKeyId: kmsKey, MasterUserSecretKmsKeyId: kmsKey }),
            }),
          ),
        );
      if (engineVersion !== undefined) return create(engineVersion);
      try {
        return await create(engineVersionOf(backup.source));
      } catch (error) {
        // RDS offers a minor version for a year or two, and that of a source elsewhere perhaps never.
        if (!(error instanceof InstanceRefused) || !NO_SUCH_VERSION.test(error.message)) throw error;
        return create(major);
      }
    },
  };
}
