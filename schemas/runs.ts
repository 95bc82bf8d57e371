import * as z from 'zod';
import { count, EvidencePart, RunEnd, time } from './parts.ts';
import { QuarantineEntry, Released } from './quarantine.ts';

const StartedRun = z.object({
  machine: z.string(),
  runId: z.string(),
  executionArn: z.string(),
  requestId: z.string().optional().meta({ description: 'Of a replay: given again, it starts nothing.' }),
  alreadyStarted: z.boolean().optional().meta({ description: 'Of a replay: the request was made before.' }),
});

const FinishedRun = StartedRun.extend({
  end: RunEnd,
  evidence: EvidencePart.nullable(),
  evidenceLocation: z.string(),
  evidenceProblem: z.string().nullable(),
});

/** Ctrl-C ends the following of a run, not the run. */
const LeftRun = StartedRun.extend({
  followed: z.literal(false),
  status: z.string().meta({ description: 'The command that shows what became of it.' }),
});

/** What `--json` prints of a run: backup, restore-test, replay, rehydrate. */
export const Run = z.union([FinishedRun, LeftRun]);

/** A run of a drill: its vault goes with the local AWS, so its evidence is copied to a file. */
const KeptRun = FinishedRun.extend({ evidenceFile: z.string().nullable() }).meta({ id: 'KeptRun' });

const ofEveryDrill = {
  exitCode: z.int().meta({ description: 'As the command exits.' }),
  seconds: z.number().meta({ description: 'The whole drill.' }),
};

const loaded = z.object({ tables: count, bytes: count });

const written = z.object({
  writes: count,
  failures: count,
  lastWriteAt: time.optional(),
  lastHeartbeatAt: time.optional(),
});

const findings = z.array(
  z.object({ what: z.string(), expected: z.string(), found: z.string(), good: z.boolean() }),
);

/** What `lifeboat drill --json` prints. */
export const Drill = z.object({
  ...ofEveryDrill,
  loaded,
  written,
  backup: KeptRun,
  failedAt: time
    .nullable()
    .meta({ description: 'When the database was lost; null where the backup failed.' }),
  restoreTest: KeptRun.nullable(),
});

/** What `lifeboat drill replay --json` prints. */
export const ReplayDrill = z.object({
  ...ofEveryDrill,
  messages: count,
  outageAt: time,
  whileDown: KeptRun,
  dryRun: KeptRun,
  replay: KeptRun,
  quarantine: z.array(QuarantineEntry),
  released: z.array(Released),
  second: KeptRun.nullable().meta({ description: 'The replay of what was released.' }),
  findings,
});

/** What `lifeboat drill rds --json` prints. */
export const RdsDrill = z.object({
  ...ofEveryDrill,
  loaded,
  written,
  deletedAt: time
    .nullable()
    .meta({ description: 'When the rows were deleted; null where a backup failed before.' }),
  runs: z.array(KeptRun).meta({ description: 'In the order of the chapters.' }),
  findings,
});

const LocalStack = z.object({ name: z.string(), outputs: z.record(z.string(), z.string()) });

/** What `lifeboat local --json` prints when it ends. */
export const Local = z.object({
  endpoint: z.string(),
  region: z.string(),
  stage: z.string(),
  stack: LocalStack,
  standby: z
    .object({ region: z.string(), stack: LocalStack })
    .nullable()
    .meta({ description: 'The standby Region, where it was asked for.' }),
});
