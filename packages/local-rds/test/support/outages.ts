import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-rds';
import { workingFolder } from 'process-kit/identity';
import { rehearse } from '../../rehearsal/ask.ts';
import { startRehearsalServer } from '../../rehearsal/server.ts';
import { account, type LocalRds, master, startLocalRds } from './local-rds.ts';
import { startWriter, type Writer } from './writer.ts';

/** What came of a Region that went down and came back, again and again, while it was written to. */
export interface Survival {
  readonly rounds: number;
  readonly acknowledged: number;
  /** `instance: number` of every acknowledged row that is not there. */
  readonly lost: readonly string[];
  /** After each round all that there are: how many were whole by their manifests, and which were not. Failed ones were being taken when it went down. */
  readonly snapshots: {
    readonly verified: number;
    readonly damaged: readonly string[];
    readonly failed: number;
  };
  /** Server processes of the Region that were found while it was down, and of all when the program had ended. */
  readonly processesLeft: number;
  /** How often a writer in the other Region was cut off. */
  readonly interruptionsElsewhere: number;
  /** From the call to the last of three instances being available, each round. */
  readonly secondsToComeBack: readonly number[];
}

const region = 'eu-west-1';
const elsewhere = 'eu-central-1';
const names = ['one', 'two', 'three'];

/**
 * Takes a Region with three instances down and up again, so many times, each at another moment of a snapshot that is being taken,
 * with a writer on every instance and one in another Region.
 */
export async function surviveOutages(
  rounds: number,
  told: (round: number) => void = () => {},
): Promise<Survival> {
  const local = await startLocalRds();
  const control = await startRehearsalServer(local.rds.stage, { port: 0 });
  const call = (name: string) => rehearse({ endpoint: control.endpoint ?? '' }, name, { region });
  const writers = new Map<string, Writer>();
  const lost: string[] = [];
  const snapshots = { verified: 0, damaged: [] as string[], failed: 0 };
  const secondsToComeBack: number[] = [];
  let processesLeft = 0;
  try {
    for (const name of names) await local.create({ DBInstanceIdentifier: name, BackupRetentionPeriod: 1 });
    await createElsewhere(local);
    for (const name of names) writers.set(name, await startWriter(() => connection(local, name, region)));
    const other = await startWriter(() => connection(local, 'other', elsewhere));
    writers.set('other', other);

    for (let round = 1; round <= rounds; round += 1) {
      await Promise.all([...writers.values()].map((writer) => writer.more(20)));
      await local.client().send(
        new sdk.CreateDBSnapshotCommand({
          DBInstanceIdentifier: names[round % names.length] ?? '',
          DBSnapshotIdentifier: `round-${round}`,
        }),
      );
      if (round % 3 === 0) await local.snapshotAvailable(`round-${round}`);
      else await sleep((round * 97) % 800); // another moment of the snapshot each time; nothing is waited for
      await call('take-region-down');
      processesLeft += await processesOf(local, region);
      const began = performance.now();
      await call('bring-region-up');
      await Promise.all(names.map((name) => untilAvailable(local, name)));
      secondsToComeBack.push((performance.now() - began) / 1000);
      for (const name of names) writers.get(name)?.goOn();
      for (const [name, writer] of writers)
        lost.push(...(await writer.lost()).map((number) => `${name}: ${number} in round ${round}`));
      await verifySnapshots(local, snapshots);
      if (stateOf(local, `round-${round}`) === 'failed') snapshots.failed += 1;
      if (round % 10 !== 0) await forget(local, `round-${round}`); // as many as a disk holds
      told(round);
    }

    await Promise.all([...writers.values()].map((writer) => writer.stop()));
  } finally {
    await control.stop();
    await local.pause();
    processesLeft += await processesIn(path.join(local.folder, 'rds'));
    await local.stop();
  }
  const acknowledged = [...writers.values()].reduce((sum, writer) => sum + writer.acknowledged, 0);
  const interruptionsElsewhere = writers.get('other')?.interruptions ?? 0;
  return {
    rounds,
    acknowledged,
    lost,
    snapshots,
    processesLeft,
    interruptionsElsewhere,
    secondsToComeBack,
  };
}

async function verifySnapshots(
  { rds: { engine, state } }: LocalRds,
  counted: { verified: number; damaged: string[] },
): Promise<void> {
  for (const { name, status, folder } of state.snapshots.all()) {
    if (status !== 'available') continue;
    try {
      await engine.verifyBackup(await engine.readBackup(folder));
      counted.verified += 1;
    } catch (error) {
      counted.damaged.push(`${name}: ${(error as Error).message}`);
    }
  }
}

const stateOf = ({ rds }: LocalRds, name: string) =>
  rds.state.snapshots.get({ account, region }, name)?.status;

async function forget(local: LocalRds, DBSnapshotIdentifier: string): Promise<void> {
  await local.client().send(new sdk.DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));
}

async function createElsewhere(local: LocalRds): Promise<void> {
  await local.client(elsewhere).send(
    new sdk.CreateDBInstanceCommand({
      DBInstanceIdentifier: 'other',
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 0,
      ...master,
    }),
  );
  await local.available('other', elsewhere);
}

async function connection(local: LocalRds, name: string, where: string) {
  const { Endpoint } = await local.describe(name, where);
  return {
    host: Endpoint?.Address ?? '',
    port: Endpoint?.Port ?? 0,
    user: master.MasterUsername,
    password: master.MasterUserPassword,
    database: 'postgres',
    ssl: { ca: local.rds.ca, rejectUnauthorized: true },
  };
}

async function untilAvailable(local: LocalRds, name: string): Promise<void> {
  while ((await local.describe(name)).DBInstanceStatus !== 'available') await sleep(50);
}

/** Every process of a PostgreSQL server works in its data folder. */
async function processesOf({ rds }: LocalRds, where: string): Promise<number> {
  const there = rds.state.instances.all().filter((one) => one.account === account && one.region === where);
  const counts = await Promise.all(
    there.map(async ({ cluster }) => processesIn((await rds.engine.open(cluster)).folder)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function processesIn(folder: string): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const folders = await Promise.all(pids.map(workingFolder));
  return folders.filter((one) => one.startsWith(folder)).length;
}
