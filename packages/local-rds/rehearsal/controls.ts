import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { clusterOf } from '../api/instances/instance.ts';
import { setStorageFull } from '../api/instances/storage-full.ts';
import { defaultQuotas, type Quotas } from '../api/quotas.ts';
import type { Service } from '../api/service.ts';
import type { Cluster } from '../engine/engine.ts';
import type { Snapshot } from '../state/things.ts';
import { findInstance } from './find-instance.ts';
import { findSnapshot } from './find-snapshot.ts';
import type { Outages } from './outages.ts';
import type { Pacing } from './pacing.ts';
import { RehearsalRefused } from './refused.ts';
import type { Throttling } from './throttling.ts';

/** What controls work on. */
export interface Stage {
  readonly service: Service;
  readonly outages: Outages;
  readonly pacing: Pacing;
  readonly throttling: Throttling;
  /** The service's own, as they are from now on. */
  readonly quotas: { -readonly [Name in keyof Quotas]: number };
}

/** One thing that can be made to happen: its name is the path of its call. */
export interface Control {
  readonly name: string;
  /** One line, for people. */
  readonly effect: string;
  readonly input: z.ZodType;
  /** @returns what the caller is told, if anything. Throws RehearsalRefused where that cannot be done. */
  perform(stage: Stage, input: unknown): Promise<unknown>;
}

function control<Input extends z.ZodType>(
  name: string,
  effect: string,
  input: Input,
  perform: (stage: Stage, input: z.output<Input>) => unknown,
): Control {
  return { name, effect, input, perform: async (stage, given) => perform(stage, given as z.output<Input>) };
}

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'the name of a Region, such as eu-west-1');
const instance = z.string().min(1).describe('ARN of an instance, or its name where only one Region has it');
const seconds = z.number().min(0).max(86_400);

/** Every control there is. */
export const controls: readonly Control[] = [
  control(
    'take-region-down',
    'Kills every server of a Region and cuts its API, until it is brought up.',
    z.strictObject({ region }),
    ({ service, outages }, wanted) => outages.takeDown(service, wanted.region),
  ),
  control(
    'bring-region-up',
    'Lets a Region come back: its instances start, each by crash recovery.',
    z.strictObject({ region }),
    ({ service, outages }, wanted) => outages.bringUp(service, wanted.region),
  ),
  control(
    'kill-instance',
    'Kills the server of an instance, which notices and starts it again.',
    z.strictObject({ instance }),
    async (stage, wanted) => (await running(stage, wanted.instance)).crash(),
  ),
  control(
    'stop-streaming',
    'Cuts a replica off from its source, until it is resumed.',
    z.strictObject({ instance }),
    async (stage, wanted) => (await replica(stage, wanted.instance)).stopStreaming(),
  ),
  control(
    'resume-streaming',
    'Lets a replica follow its source again.',
    z.strictObject({ instance }),
    async (stage, wanted) => (await replica(stage, wanted.instance)).resumeStreaming(),
  ),
  control(
    'replica-lag',
    'Tells how many seconds a replica is behind, as the metric ReplicaLag of CloudWatch does.',
    z.strictObject({ instance }),
    async (stage, wanted) => ({ seconds: await (await replica(stage, wanted.instance)).lagSeconds() }),
  ),
  control(
    'fill-storage',
    'Takes the room for more data away: the instance is storage-full.',
    z.strictObject({ instance }),
    ({ service }, wanted) => setStorageFull(service, findInstance(service.state, wanted.instance), true),
  ),
  control(
    'free-storage',
    'Gives a storage-full instance room again.',
    z.strictObject({ instance }),
    ({ service }, wanted) => setStorageFull(service, findInstance(service.state, wanted.instance), false),
  ),
  control(
    'fill-archive',
    'Takes the room under an archive away: the instance goes on, and its LatestRestorableTime stands still.',
    z.strictObject({ instance }),
    async (stage, wanted) => (await running(stage, wanted.instance)).archive.fill(true),
  ),
  control(
    'free-archive',
    'Gives an archive room again: what was held back gets there.',
    z.strictObject({ instance }),
    async (stage, wanted) => (await running(stage, wanted.instance)).archive.fill(false),
  ),
  control(
    'flip-byte',
    'Turns over a bit in the first page of a table, on disk: its checksum is wrong from now on.',
    z.strictObject({ instance, database: z.string().min(1), table: z.string().min(1) }),
    async (stage, { database, table, ...wanted }) =>
      (await running(stage, wanted.instance)).flipByte({ database, table }),
  ),
  control(
    'damage-snapshot',
    'Flips a bit of a snapshot on disk: an instance that is restored from it is incompatible-restore.',
    z.strictObject({
      snapshot: z.string().min(1).describe('ARN of a snapshot, or its name where only one Region has it'),
    }),
    ({ service }, wanted) => damageSnapshot(findSnapshot(service.state, wanted.snapshot)),
  ),
  control(
    'throttle',
    'Refuses requests with Throttling, each action so many times before it is accepted once; 0 ends it.',
    z.strictObject({
      action: z.string().min(1).optional(),
      region: region.optional(),
      refusals: z.number().int().min(0),
    }),
    ({ throttling }, rule) => throttling.set(rule),
  ),
  control(
    'set-quota',
    'Allows from now on so many of something in each Region; without a number, as many as at AWS.',
    z.strictObject({
      quota: z.enum(Object.keys(defaultQuotas) as [keyof Quotas]),
      most: z.number().int().min(0).optional(),
    }),
    ({ quotas }, { quota, most }) => {
      quotas[quota] = most ?? defaultQuotas[quota];
    },
  ),
  control(
    'hold-next',
    'Holds the next instance or snapshot of that name for so long when it enters a state; with a failure, the operation then fails.',
    z.strictObject({
      of: z.string().min(1),
      status: z.string().min(1),
      seconds: seconds.default(0),
      failure: z.string().optional(),
    }),
    ({ pacing }, { of, status, failure, ...wanted }) =>
      pacing.next({ of, status, forMs: wanted.seconds * 1000, failure }),
  ),
  control(
    'release',
    'Lets an instance or snapshot that hold-next holds go on at once.',
    z.strictObject({ of: z.string().min(1) }),
    ({ pacing }, { of }) => pacing.release(of),
  ),
  control(
    'slow-states',
    'From now on every state lasts at least so long; 0 ends it.',
    z.strictObject({ seconds }),
    ({ pacing }, wanted) => pacing.everyState(wanted.seconds * 1000),
  ),
  control(
    'make-restores-lazy',
    'From now on what is restored loads its blocks when they are first read, each after so long, until all are loaded; 0 ends it.',
    z.strictObject({ millisecondsPerBlock: z.number().min(0).max(60_000), seconds }),
    ({ service }, wanted) =>
      service.engine.makeRestoresLazy(
        wanted.millisecondsPerBlock === 0
          ? null
          : { delayMs: wanted.millisecondsPerBlock, forMs: wanted.seconds * 1000 },
      ),
  ),
];

async function damageSnapshot({ name, status, folder }: Snapshot): Promise<void> {
  if (status !== 'available')
    throw new RehearsalRefused(`The snapshot ${name} is ${status}: it has no data.`);
  const file = path.join(folder, 'data', 'PG_VERSION');
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(0) ^ 0x01, 0);
  // Not in place: another backup may share the file.
  await writeFile(`${file}.new`, bytes);
  await rename(`${file}.new`, file);
}

/** Throws RehearsalRefused unless the server of the instance runs. */
async function running({ service }: Stage, reference: string): Promise<Cluster> {
  const found = findInstance(service.state, reference);
  const cluster = await clusterOf(service, found).catch(() => undefined);
  if (!cluster?.running())
    throw new RehearsalRefused(`Instance ${found.name} is ${found.status}: it has no server.`);
  return cluster;
}

async function replica(stage: Stage, reference: string) {
  const cluster = await running(stage, reference);
  if (!cluster.replica) throw new RehearsalRefused(`Instance ${reference} is no replica.`);
  return cluster.replica;
}
