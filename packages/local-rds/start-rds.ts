import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Authorize, allowEverything } from './api/authorize.ts';
import { Replication } from './api/automated-backups/replicate.ts';
import { anyKey, type Keys } from './api/keys.ts';
import { LongWork } from './api/long-work.ts';
import type { Pace } from './api/pace.ts';
import { defaultQuotas, type Quotas } from './api/quotas.ts';
import { recover } from './api/recover.ts';
import { attend } from './api/schedule/duties.ts';
import type { Secrets } from './api/secrets.ts';
import type { Service } from './api/service.ts';
import { BackupFolders } from './api/snapshots/backup-folders.ts';
import type { Engine } from './engine/engine.ts';
import { openEngine } from './engine/open-engine.ts';
import type { Fault } from './protocol/fault.ts';
import { loadServiceModel } from './protocol/service-model.ts';
import type { Stage } from './rehearsal/controls.ts';
import { Outages } from './rehearsal/outages.ts';
import { Pacing } from './rehearsal/pacing.ts';
import { Throttling } from './rehearsal/throttling.ts';
import { startServer } from './server.ts';
import { openState, type State } from './state/state.ts';

export interface RdsOptions {
  /** Everything is in here, and survives the end of the program. */
  readonly folder: string;
  /** The site-packages folder of a Python environment with botocore, which carries the service model. */
  readonly sitePackages: string;
  /** Of 127.0.0.1; any free one when left out. */
  readonly port?: number;
  /** Serves on this Unix socket too. */
  readonly socket?: string;
  readonly quotas?: Partial<Quotas>;
  /** The account of an access key; twelve digits are an account themselves. */
  readonly accountOf?: (accessKey: string) => string | undefined | Promise<string | undefined>;
  readonly authorize?: Authorize;
  readonly keys?: Keys;
  readonly secrets?: Secrets;
  /** Holds states besides what a rehearsal does. */
  readonly pace?: Pace;
  /** Says why requests for a Region are refused just now. */
  readonly refusal?: (region: string) => Fault | undefined;
  /** How often WAL goes into the archive of an instance that keeps backups, and from there to other Regions. */
  readonly archiveEveryMs?: number;
  readonly clock?: () => Date;
  /** Told of errors that are this program's own. */
  readonly report?: (error: Error) => void;
}

/** A running RDS: all Regions of all accounts. */
export interface Rds {
  readonly endpoint: string;
  readonly socket: string | undefined;
  /** PEM of the authority that signed the servers' certificates. */
  readonly ca: string;
  /** The same as a file. */
  readonly caFile: string;
  readonly engine: Engine;
  readonly state: State;
  readonly service: Service;
  /** What the controls of a rehearsal work on. */
  readonly stage: Stage;
  stop(): Promise<void>;
}

/** Starts on a folder, whatever a killed predecessor left there. Throws when another program works on the folder. */
export async function startRds(options: RdsOptions): Promise<Rds> {
  const { folder, sitePackages, archiveEveryMs = 60_000 } = options;
  const {
    clock = () => new Date(),
    accountOf = twelveDigits,
    refusal = () => undefined,
    report = console.error,
  } = options;
  const at = (name: string) => path.join(folder, name);
  // The servers' own user must pass through, and other users need not list it.
  for (const one of [folder, at('archive-copies'), at('backups')])
    await mkdir(one, { recursive: true, mode: 0o711 });
  const [model, regions, engine] = await Promise.all([
    loadServiceModel(sitePackages),
    readRegions(sitePackages),
    openEngine({ folder: at('engine'), archiveEveryMs }),
  ]);
  const work = new LongWork();
  const outages = new Outages();
  const pacing = new Pacing();
  const throttling = new Throttling();
  const quotas = { ...defaultQuotas, ...options.quotas };
  let version: string | undefined;
  const service: Service = {
    model,
    engine,
    get engineVersion() {
      if (version === undefined) throw new Error('The version of PostgreSQL is not known yet.');
      return version;
    },
    state: openState(at('state'), clock()),
    backups: new BackupFolders(engine, at('backups')),
    archiveCopies: at('archive-copies'),
    replication: new Replication(),
    work,
    pace: {
      async hold(state, signal) {
        await pacing.hold(state, signal);
        await options.pace?.hold(state, signal);
      },
    },
    keys: options.keys ?? anyKey,
    secrets: options.secrets,
    authorize: options.authorize ?? allowEverything,
    quotas,
    clock,
    isDown: (region) => outages.isDown(region),
  };
  // The first start on a folder prepares PostgreSQL for more than a second: requests wait for it, the start does not.
  const ready = versionOf(engine).then(async (found) => {
    version = found;
    await recover(service);
  });
  ready.catch(report);
  const server = await startServer(
    {
      service,
      ready,
      regions,
      accountOf,
      refusal,
      throttled: (region, action) => throttling.refusal(region, action),
      report,
    },
    options,
  );
  const rounds = setInterval(() => service.replication.soon(service), archiveEveryMs);
  const duties = setInterval(() => void ready.then(() => attend(service)).catch(report), dutiesEveryMs);
  return {
    endpoint: server.endpoint,
    socket: options.socket,
    ca: engine.ca,
    caFile: engine.caFile,
    engine,
    state: service.state,
    service,
    stage: { service, outages, pacing, throttling, quotas },
    async stop() {
      clearInterval(rounds);
      clearInterval(duties);
      await server.stop();
      await ready.catch(() => {}); // was reported
      await work.stop();
      await engine.close();
    },
  };
}

/** Windows are given in minutes. */
const dutiesEveryMs = 60_000;

const twelveDigits = (accessKey: string) => (/^\d{12}$/.test(accessKey) ? accessKey : undefined);

interface Partitions {
  readonly partitions: readonly { readonly regions: Readonly<Record<string, unknown>> }[];
}

/** Names of all Regions, from botocore. */
async function readRegions(sitePackages: string): Promise<ReadonlySet<string>> {
  const file = path.join(sitePackages, 'botocore', 'data', 'partitions.json');
  const { partitions } = JSON.parse(await readFile(file, 'utf8')) as Partitions;
  const names = partitions.flatMap(({ regions }) => Object.keys(regions));
  return new Set(names.filter((name) => !name.endsWith('-global')));
}

/** As `18.4`. */
async function versionOf(engine: Engine): Promise<string> {
  const version = (await engine.parameters()).find(({ name }) => name === 'server_version')?.default;
  if (!version) throw new Error('PostgreSQL does not say its version.');
  return version;
}
