import {
  DeleteDBInstanceCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import {
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Connection } from 'local-postgres/access';
import type { LocalAws } from '../start.ts';

const often = { minDelay: 0.2, maxDelay: 0.2, maxWaitTime: 120 };

/** An instance that a restore handed over, as its owner uses it. */
export interface RestoredInstance {
  /** By the connection details in the secret alone. */
  connection(): Promise<Connection>;
  /** Takes its protection off, deletes it without a last snapshot, and deletes the secret. */
  remove(): Promise<void>;
}

/** @param names of the instance and of the secret that the restore named */
export function restoredInstance(
  aws: LocalAws,
  { instance, secret }: { instance: string; secret: string },
): RestoredInstance {
  const { region, endpoint, accountId } = aws;
  const settings = { region, endpoint, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
  const named = { DBInstanceIdentifier: instance };
  return {
    async connection() {
      const secrets = new SecretsManagerClient(settings);
      try {
        const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: secret }));
        const { host, port, username: user, password, dbname: database } = JSON.parse(SecretString);
        return {
          host,
          port,
          user,
          password,
          database,
          ssl: { ca: await aws.rds.ca(), rejectUnauthorized: true },
        };
      } finally {
        secrets.destroy();
      }
    },
    async remove() {
      const rds = new RDSClient(settings);
      const secrets = new SecretsManagerClient(settings);
      try {
        await rds.send(
          new ModifyDBInstanceCommand({ ...named, DeletionProtection: false, ApplyImmediately: true }),
        );
        await waitUntilDBInstanceAvailable({ client: rds, ...often }, named);
        await rds.send(
          new DeleteDBInstanceCommand({ ...named, SkipFinalSnapshot: true, DeleteAutomatedBackups: true }),
        );
        await waitUntilDBInstanceDeleted({ client: rds, ...often }, named);
        await secrets.send(new DeleteSecretCommand({ SecretId: secret, ForceDeleteWithoutRecovery: true }));
      } finally {
        rds.destroy();
        secrets.destroy();
      }
    },
  };
}
