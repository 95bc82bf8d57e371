import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/access';
import { releaseBinaries } from 'local-postgres/binaries';
import { type Major, majors } from 'local-postgres/release';
import { type PostgresServer, startPostgres } from 'local-postgres/start-postgres';
import { run as runCommand } from 'process-kit/command';
import { type Run, startRun } from '../../local/runs.ts';
import { startLocalAws } from '../../local/start.ts';
import { postgresEngine } from '../../shared/database/postgres/postgres-engine.ts';
import { accessOf } from '../cases/databases/servers.ts';
import { CA_SECRET, planOf } from './plan-of.ts';

/** A source server and a scratch server of one version. */
export interface Pair {
  readonly source: PostgresServer;
  readonly scratch: PostgresServer;
}

/** A database of some version, by the name that it has in the plan. */
export interface Wanted {
  readonly name: string;
  readonly major: Major;
}

/** One deployed Lifeboat, whose plan protects databases on servers of every version. */
export interface Stage {
  readonly servers: ReadonlyMap<Major, Pair>;
  /** How the owners of the databases connect, by name. */
  readonly databases: ReadonlyMap<string, Connection>;
  /** Runs the command line as a person does, and gives what it printed as JSON. */
  lifeboat(
    ...words: string[]
  ): Promise<{ code: number | null; printed: Record<string, unknown>; stderr: string }>;
  /** As the deployed schedule does every minute. */
  beat(database: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the servers, deploys Lifeboat to a local AWS, and points the plan's secrets to the servers. The databases exist
 * and are empty; the logins are no superusers.
 */
export async function openStage(wanted: readonly Wanted[]): Promise<Stage> {
  const run = await startRun();
  try {
    return await assemble(run, wanted);
  } catch (error) {
    await run.stop();
    throw error;
  }
}

async function assemble(run: Run, wanted: readonly Wanted[]): Promise<Stage> {
  const planned = wanted.map(({ name }) => ({
    name,
    secret: `versions/${name}`,
    scratchSecret: `versions/${name}-scratch`,
  }));
  const plan = path.join(run.folder, 'versions.yml');
  await writeFile(plan, planOf(planned));
  const ca = await createAuthority('servers of every version');
  const start = async (name: string, major: Major) =>
    startPostgres(run, { name: `${name}-${major}`, ca, binaries: await releaseBinaries(run.folder, major) });
  const pairOf = async (major: Major): Promise<[Major, Pair]> => [
    major,
    { source: await start('source', major), scratch: await start('scratch', major) },
  ];
  const aws = await startLocalAws({ plan, waitScale: 0.02 });
  run.onStop(() => aws.stop());
  const servers = new Map(await Promise.all(majors.map(pairOf)));

  const secrets = new SecretsManagerClient({
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accountId, secretAccessKey: 'test' },
  });
  const put = (SecretId: string, SecretString: string) =>
    secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  await put(CA_SECRET, ca.certificate);
  const databases = new Map<string, Connection>();
  for (const { name, major } of wanted) {
    const pair = servers.get(major);
    if (!pair) throw new Error(`no servers of version ${major}`);
    const owner = await pair.source.createDatabase({ name, owner: `${name}_owner` });
    const restores = await pair.scratch.createRole({ name: `${name}_restores`, createDatabases: true });
    databases.set(name, owner);
    await put(`versions/${name}`, inRdsFormat(owner));
    await put(`versions/${name}-scratch`, inRdsFormat(restores));
  }

  return {
    servers,
    databases,
    async lifeboat(command, ...words) {
      const line = ['node', 'cli/lifeboat.js', command, plan, '--stage local', ...words, '--json'].join(' ');
      const { code, stdout, stderr } = await runCommand(line, aws.environment);
      return { code, printed: stdout.startsWith('{') ? JSON.parse(stdout) : {}, stderr };
    },
    async beat(database) {
      const owner = databases.get(database);
      if (!owner) throw new Error(`no database ${database}`);
      await postgresEngine.heartbeats.beat(accessOf(owner), 'versions', new Date());
    },
    async stop() {
      secrets.destroy();
      await run.stop();
    },
  };
}

/** The format of RDS's own secrets. */
function inRdsFormat({ host, port, user, password, database }: Connection): string {
  return JSON.stringify({ engine: 'postgres', host, port, username: user, password, dbname: database });
}
