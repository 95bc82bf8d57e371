import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  waitUntilDBInstanceAvailable,
} from '@aws-sdk/client-rds';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Connection } from 'local-postgres/access';
import { databaseOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { Database } from '../../shared/plan/sections/databases.ts';
import type { LocalAws } from '../start.ts';

const LOOK_EVERY_SECONDS = 0.2;

/**
 * Creates the RDS instance that a database of the plan lives on, with what the plan expects of it: encrypted storage, automated
 * backups, deletion protection, and in the standby Region the keys that copies are to be under. The plan's secrets lead to it
 * from then on.
 *
 * @returns how its master user connects, who owns the database
 */
export async function createPlanInstance(aws: LocalAws, plan: Plan, name: string): Promise<Connection> {
  const { rds: planned, postgres, backups } = databaseOf(plan, name);
  if (planned?.instance === undefined)
    throw new Error(`database "${name}" of the plan names no RDS instance`);
  const user = 'app';
  const database = `${plan.workload}_${name}`.replaceAll('-', '_');
  const password = crypto.randomUUID();
  const settings = rootSettings(aws);
  const rds = new RDSClient(settings);
  try {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: planned.instance,
        DBName: database,
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.medium',
        AllocatedStorage: 20,
        BackupRetentionPeriod: 35,
        MasterUsername: user,
        MasterUserPassword: password,
        StorageEncrypted: true,
        DeletionProtection: true,
      }),
    );
    const instance = { DBInstanceIdentifier: planned.instance };
    const often = { minDelay: LOOK_EVERY_SECONDS, maxDelay: LOOK_EVERY_SECONDS, maxWaitTime: 120 };
    await waitUntilDBInstanceAvailable({ client: rds, ...often }, instance);
    const { DBInstances: [made] = [] } = await rds.send(new DescribeDBInstancesCommand(instance));
    const { Address: host = '', Port: port = 0 } = made?.Endpoint ?? {};
    const ca = await aws.rds.ca();
    const connection = {
      host,
      port,
      user,
      password,
      database,
      ssl: { ca, rejectUnauthorized: true },
    } as const;
    await leadTo(settings, connection, postgres);
    await createKeys({ ...settings, region: plan.regions.standby }, aliasesOfCopies(backups));
    return connection;
  } finally {
    rds.destroy();
  }
}

type Settings = ReturnType<typeof rootSettings>;

/** As the account's root user. */
function rootSettings({ region, endpoint, accountId }: LocalAws) {
  return { region, endpoint, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
}

/** The authority of the plan's other server stays trusted: both may share the secret, as they share RDS's bundle on AWS. */
async function leadTo(
  settings: Settings,
  { host, port, user, password, database, ssl }: Connection,
  { secret, certificateAuthority }: Database['postgres'],
): Promise<void> {
  const client = new SecretsManagerClient(settings);
  try {
    const { SecretString: trusted = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: certificateAuthority }),
    );
    const login = { engine: 'postgres', host, port, username: user, password, dbname: database };
    for (const [SecretId, SecretString] of [
      [secret, JSON.stringify(login)],
      [certificateAuthority, `${trusted.trimEnd()}\n${ssl.ca}`],
    ] as const)
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  } finally {
    client.destroy();
  }
}

function aliasesOfCopies(backups: Database['backups']): Set<string> {
  const copied = Object.values(backups).flatMap((backup) => {
    if ('rdsSnapshot' in backup) return [backup.rdsSnapshot.copyToStandby];
    return 'pointInTime' in backup ? [backup.pointInTime.copyToStandby] : [];
  });
  return new Set(copied.flatMap((copy) => (copy ? [copy.key] : [])));
}

async function createKeys(settings: Settings, aliases: Iterable<string>): Promise<void> {
  const client = new KMSClient(settings);
  try {
    for (const AliasName of aliases) {
      const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
      await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
    }
  } finally {
    client.destroy();
  }
}
