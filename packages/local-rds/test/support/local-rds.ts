import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBInstance,
  DescribeDBInstancesCommand,
  RDSClient,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
  waitUntilDBSnapshotAvailable,
} from '@aws-sdk/client-rds';
import pg from 'pg';
import { type Rds, type RdsOptions, startRds } from '../../start-rds.ts';
import { HeldStates } from './held-states.ts';
import { often } from './often.ts';
import { sitePackages } from './service-model.ts';

export const account = '123456789012';
export const master = { MasterUsername: 'app', MasterUserPassword: 'only-for-this-test' };

/** A local RDS of a test's own, in a folder of its own, and ways to use it as its users would. */
export interface LocalRds {
  readonly rds: Rds;
  readonly folder: string;
  readonly states: HeldStates;
  /** Every fault that the SDK's clients were answered so far: `DeleteDBSnapshot InvalidDBSnapshotStateFault`. */
  readonly faults: ReadonlySet<string>;
  /** The SDK's client for a Region, and for another account if one is named. */
  client(region?: string, as?: string): RDSClient;
  /** Creates an instance and waits for it. No automated backups unless asked for. */
  create(
    wanted: Partial<CreateDBInstanceCommandInput> & { DBInstanceIdentifier: string },
  ): Promise<DBInstance>;
  describe(name: string, region?: string): Promise<DBInstance>;
  available(name: string, region?: string): Promise<DBInstance>;
  deleted(name: string, region?: string): Promise<void>;
  snapshotAvailable(name: string, region?: string): Promise<void>;
  /** Works on an instance's database as its master user, over TLS with the service's authority. */
  connect<T>(name: string, work: (client: pg.Client) => Promise<T>, region?: string): Promise<T>;
  /** Stops the program; `restart` starts it again. */
  pause(): Promise<void>;
  /** Stops the program if it runs, and starts it again on the same folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a local RDS below the system's folder for temporary files. */
export async function startLocalRds(options: Partial<RdsOptions> = {}): Promise<LocalRds> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rds-test-'));
  await chmod(folder, 0o711); // the servers' user must pass
  const states = new HeldStates();
  const packages = await sitePackages();
  const start = () =>
    startRds({
      folder: path.join(folder, 'rds'),
      sitePackages: packages,
      pace: states,
      archiveEveryMs: 500,
      ...options,
    });
  let rds = await start();
  let running = true;
  const clients = new Map<string, RDSClient>();
  const faults = new Set<string>();

  const self: LocalRds = {
    get rds() {
      return rds;
    },
    folder,
    states,
    faults,
    client(region = 'eu-west-1', as = account) {
      const key = `${rds.endpoint} ${region} ${as}`;
      const made =
        clients.get(key) ??
        new RDSClient({
          region,
          endpoint: rds.endpoint,
          credentials: { accessKeyId: as, secretAccessKey: 'any' },
          maxAttempts: 1,
        });
      if (!clients.has(key)) recordFaults(made, faults);
      clients.set(key, made);
      return made;
    },
    async create(wanted) {
      await self.client().send(
        new CreateDBInstanceCommand({
          Engine: 'postgres',
          DBInstanceClass: 'db.t4g.micro',
          AllocatedStorage: 20,
          BackupRetentionPeriod: 0,
          ...master,
          ...wanted,
        }),
      );
      return self.available(wanted.DBInstanceIdentifier);
    },
    async describe(name, region) {
      const { DBInstances = [] } = await self
        .client(region)
        .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }));
      return DBInstances[0] as DBInstance;
    },
    async available(name, region) {
      const waiter = { client: self.client(region), ...often };
      await waitUntilDBInstanceAvailable(waiter, { DBInstanceIdentifier: name });
      return self.describe(name, region);
    },
    async deleted(name, region) {
      const waiter = { client: self.client(region), ...often };
      await waitUntilDBInstanceDeleted(waiter, { DBInstanceIdentifier: name });
    },
    async snapshotAvailable(name, region) {
      const waiter = { client: self.client(region), ...often };
      await waitUntilDBSnapshotAvailable(waiter, { DBSnapshotIdentifier: name });
    },
    async connect(name, work, region) {
      const { Endpoint, DBName = 'postgres' } = await self.describe(name, region);
      const client = new pg.Client({
        host: Endpoint?.Address ?? '',
        port: Endpoint?.Port ?? 0,
        user: master.MasterUsername,
        password: master.MasterUserPassword,
        database: DBName,
        ssl: { ca: rds.ca, rejectUnauthorized: true },
      });
      client.on('error', () => {}); // a server that goes away is noticed by the query's own rejection
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    },
    async pause() {
      if (running) await rds.stop();
      running = false;
    },
    async restart() {
      await self.pause();
      rds = await start();
      running = true;
    },
    async stop() {
      for (const client of clients.values()) client.destroy();
      await self.pause();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}

function recordFaults(client: RDSClient, faults: Set<string>): void {
  const record =
    (next: (args: never) => Promise<never>, { commandName = '' }) =>
    (args: never) =>
      next(args).catch((error: Error) => {
        faults.add(`${commandName.replace(/Command$/, '')} ${error.name}`);
        throw error;
      });
  client.middlewareStack.add(record as never, { step: 'initialize', name: 'recordFaults' });
}
