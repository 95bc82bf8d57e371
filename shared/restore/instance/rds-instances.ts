import {
  AddTagsToResourceCommand,
  type DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  type RDSClient,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { classifyServiceError } from '../../aws/service-error.ts';
import { settingsOfInstance } from '../../backup/rds-snapshot/instance-settings.ts';
import { askRds } from './ask-rds.ts';
import type { Instances, StoredInstance } from './instances.ts';

/** The RDS instances of a Region. */
export function rdsInstances(client: RDSClient, region: string): Instances {
  return {
    region,
    async find(name) {
      try {
        const { DBInstances = [] } = await client.send(
          new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
        );
        const [found] = DBInstances;
        return found ? storedInstance(found) : null;
      } catch (error) {
        if (classifyServiceError(error) === 'missing') return null;
        throw error;
      }
    },
    async list(prefix) {
      const found: StoredInstance[] = [];
      for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, {}))
        found.push(...DBInstances.map(storedInstance).filter(({ name }) => name.startsWith(prefix)));
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    managePassword: (name, key) =>
      askRds(region, () =>
        client.send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: name,
            ManageMasterUserPassword: true,
            ...(key !== undefined && { MasterUserSecretKmsKeyId: key }),
            ApplyImmediately: true,
          }),
        ),
      ),
    tag: (arn, tags) =>
      askRds(region, () =>
        client.send(
          new AddTagsToResourceCommand({
            ResourceName: arn,
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        ),
      ),
    untag: (arn, keys) =>
      askRds(region, () =>
        client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: [...keys] })),
      ),
    renameAndProtect: (name, to) =>
      askRds(region, () =>
        client.send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: name,
            NewDBInstanceIdentifier: to,
            DeletionProtection: true,
            ApplyImmediately: true,
          }),
        ),
      ),
    setPassword: (name, password) =>
      askRds(region, () =>
        client.send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: name,
            MasterUserPassword: password,
            ManageMasterUserPassword: false,
            ApplyImmediately: true,
          }),
        ),
      ),
    delete: (name) =>
      askRds(region, async () => {
        try {
          await client.send(
            new DeleteDBInstanceCommand({
              DBInstanceIdentifier: name,
              SkipFinalSnapshot: true,
              DeleteAutomatedBackups: true,
            }),
          );
        } catch (error) {
          if (classifyServiceError(error) !== 'missing') throw error;
        }
      }),
  };
}

function storedInstance(instance: DBInstance): StoredInstance {
  const { Endpoint, MasterUserSecret, TagList = [] } = instance;
  const { Address: host, Port: port } = Endpoint ?? {};
  return {
    name: instance.DBInstanceIdentifier ?? '',
    arn: instance.DBInstanceArn ?? '',
    status: instance.DBInstanceStatus ?? '',
    tags: Object.fromEntries(TagList.map(({ Key = '', Value = '' }) => [Key, Value])),
    address: host !== undefined && port !== undefined ? { host, port } : null,
    database: instance.DBName ?? null,
    masterSecret: MasterUserSecret?.SecretStatus === 'active' ? (MasterUserSecret.SecretArn ?? null) : null,
    managesPassword: MasterUserSecret !== undefined,
    masterUser: instance.MasterUsername ?? '',
    isProtected: instance.DeletionProtection ?? false,
    settings: settingsOfInstance(instance),
  };
}
