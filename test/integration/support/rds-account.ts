import * as sdk from '@aws-sdk/client-rds';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { root } from '../targets/account.ts';
import type { Deployed } from './deployed.ts';
import { often } from './often.ts';

/** A login to an instance. */
export interface InstanceLogin {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly dbname: string;
}

const password = 'only-for-this-test';

/** The RDS of a deployed stack, used as the account's root user: instances, their data, and what is left. */
export function rdsAccount({ aws }: Deployed, region: string) {
  const owner = root(aws);
  const rds = new sdk.RDSClient({ ...owner, region });
  const secrets = new SecretsManagerClient({ ...owner, region });

  async function describe(DBInstanceIdentifier: string): Promise<sdk.DBInstance | undefined> {
    const { DBInstances = [] } = await rds.send(new sdk.DescribeDBInstancesCommand({}));
    return DBInstances.find((each) => each.DBInstanceIdentifier === DBInstanceIdentifier);
  }
  async function loginTo(instance: string): Promise<InstanceLogin> {
    const { Address: host = '', Port: port = 0 } = (await describe(instance))?.Endpoint ?? {};
    return { host, port, username: 'app', password, dbname: 'app' };
  }
  async function query({ username: user, dbname, ...at }: InstanceLogin, ...statements: string[]) {
    const client = new pg.Client({ ...at, user, database: dbname, ssl: { ca: await aws.rds.ca() } });
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  }
  return {
    rds,
    secrets,
    describe,
    loginTo,
    query,
    async create(DBInstanceIdentifier: string, more: Partial<sdk.CreateDBInstanceCommandInput> = {}) {
      await rds.send(
        new sdk.CreateDBInstanceCommand({
          DBInstanceIdentifier,
          DBName: 'app',
          Engine: 'postgres',
          DBInstanceClass: 'db.t4g.micro',
          AllocatedStorage: 20,
          BackupRetentionPeriod: 0,
          MasterUsername: 'app',
          MasterUserPassword: password,
          StorageEncrypted: true,
          DeletionProtection: true,
          ...more,
        }),
      );
      await sdk.waitUntilDBInstanceAvailable({ client: rds, ...often }, { DBInstanceIdentifier });
    },
    /** Deletes an instance that a restore handed over, as its owner would. */
    async remove(DBInstanceIdentifier: string) {
      const named = { DBInstanceIdentifier };
      await rds.send(
        new sdk.ModifyDBInstanceCommand({ ...named, DeletionProtection: false, ApplyImmediately: true }),
      );
      await sdk.waitUntilDBInstanceAvailable({ client: rds, ...often }, named);
      await rds.send(new sdk.DeleteDBInstanceCommand({ ...named, SkipFinalSnapshot: true }));
      await sdk.waitUntilDBInstanceDeleted({ client: rds, ...often }, named);
    },
    /** The names of all instances, and of the secrets that RDS made. */
    async standing(): Promise<string[]> {
      const { DBInstances = [] } = await rds.send(new sdk.DescribeDBInstancesCommand({}));
      const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
      return [
        ...DBInstances.map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier),
        ...SecretList.map(({ Name = '' }) => Name).filter((name) => name.startsWith('rds!')),
      ].sort();
    },
    close() {
      for (const client of [rds, secrets]) client.destroy();
    },
  };
}
