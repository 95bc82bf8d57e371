import * as z from 'zod';
import { Account } from '../shared/replay/account/account.ts';
import type { Status as Gathered } from '../shared/status/gather.ts';
import { count, EvidencePart, JournalRecord, type Printed, RunEnd, time } from './parts.ts';

const Progress = JournalRecord.shape.progress.unwrap();

const ExecutionState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('running'), state: z.string().nullable() }),
  z.object({ kind: z.literal('ended unrecorded'), end: RunEnd }),
  z.object({ kind: z.literal('forgotten') }),
  z.object({ kind: z.literal('elsewhere'), region: z.string() }),
]);

const RecoveryPointAge = z.object({
  id: z.string(),
  ageSeconds: z.number().min(0).meta({ description: 'Since the moment that it shows, or a little more.' }),
});

const Loss = z.object({
  database: z.string(),
  backup: z.string(),
  method: z.enum(['logical', 'rdsSnapshot', 'pointInTime']),
  points: count.meta({ description: 'Complete recovery points.' }),
  since: time
    .nullable()
    .meta({ description: 'Where every moment up to the newest can be restored: the earliest of them.' }),
  newest: RecoveryPointAge.nullable(),
  newestVerified: RecoveryPointAge.nullable().meta({
    description: 'The newest one that a restore test verified.',
  }),
  labelled: z
    .array(RecoveryPointAge.extend({ label: z.string(), verified: z.boolean() }))
    .meta({ description: 'Those with a label that are kept, the newest first.' }),
  targetSeconds: z.number().nullable().meta({ description: 'The RPO; null where any loss is accepted.' }),
  met: z.boolean().nullable().meta({ description: 'Whether the newest one is within the RPO.' }),
  unusual: z
    .object({ duration: z.string().nullable(), size: z.string().nullable() })
    .meta({ description: 'How the newest one differs from those before it, in words.' }),
  copy: z
    .object({
      region: z.string(),
      newest: RecoveryPointAge.nullable(),
      problem: z.string().nullable().meta({ description: 'Why the standby Region could not be asked.' }),
    })
    .nullable()
    .meta({ description: 'What would be left if the primary Region failed, of a backup that RDS copies.' }),
});

const Backup = z.object({ database: z.string(), backup: z.string() });

const ReplicationLag = Backup.extend({
  replicated: RecoveryPointAge.nullable().meta({ description: 'The newest one that is there whole.' }),
  waiting: z
    .object({
      id: z.string(),
      ageSeconds: z.number().min(0),
      pending: count.meta({ description: 'Objects that S3 has not copied yet.' }),
      failed: count.meta({ description: 'Objects that S3 gave up, of this recovery point and newer ones.' }),
      notAskedFor: count.meta({ description: 'Objects older than the replication.' }),
    })
    .nullable()
    .meta({ description: 'The oldest newer one that is not there whole.' }),
});

const ReplicationUnknown = Backup.extend({ problem: z.string() });

const Replica = z.object({ database: z.string(), replica: z.string(), region: z.string() });

const ReplicaLag = Replica.extend({
  completeTo: time.nullable().meta({ description: 'Up to when it has everything of its source.' }),
  lossSeconds: z.number().min(0).nullable().meta({ description: 'At most this would be lost.' }),
  unappliedBytes: z
    .number()
    .min(0)
    .nullable()
    .meta({ description: 'Received, and to be applied before it can take writes.' }),
  targetSeconds: z.number().nullable().meta({ description: 'The RPO; null where any loss is accepted.' }),
  met: z.boolean().nullable().meta({ description: 'Whether the loss is within the RPO.' }),
  problem: z
    .string()
    .nullable()
    .meta({ description: 'Why a promotion would fail now, or why its loss is not known.' }),
});

const ReplicaUnknown = Replica.extend({ problem: z.string() });
const Signal = z.object({
  name: z.string(),
  seen: z.enum(['healthy', 'failing', 'unknown']),
  since: time.nullable().meta({ description: 'Since when without a break; null if it was never looked at.' }),
  lastHealthy: time.nullable(),
  detail: z.string().meta({ description: 'What the last look found, or why nothing is known.' }),
  flaps: z.boolean().meta({ description: 'It failed several times within a quarter of an hour.' }),
  counts: z.boolean().meta({ description: 'It has failed for its whole time.' }),
  decides: z.boolean(),
});

const signals = z.array(Signal);

const Assessment = z.discriminatedUnion('primary', [
  z.object({
    primary: z.literal('lost'),
    since: time,
    lastHealthy: time.nullable().meta({ description: 'It was lost after it.' }),
    held: z.array(z.string()).meta({ description: 'Why no failover starts by itself now.' }),
    signals,
  }),
  z.object({ primary: z.literal('healthy'), signals }),
  z.object({ primary: z.literal('undecided'), because: z.array(z.string()), signals }),
]);

const WayLoss = z.object({
  way: z.enum(['replica', 'pointInTime', 'snapshot', 'logical']),
  id: z.string(),
  reaches: time.nullable(),
  by: z.string(),
  loss: z.number().nullable().meta({ description: 'In milliseconds; null where it is not known.' }),
});

const losses = z.array(WayLoss);

const Gate = z.discriminatedUnion('gate', [
  z.object({ gate: z.literal('go'), with: WayLoss, acceptedBy: z.string().nullable(), losses }),
  z.object({ gate: z.literal('ask'), least: WayLoss.nullable(), question: z.string(), losses }),
]);

const Failover = z.object({
  assessment: Assessment,
  gates: z
    .array(z.object({ database: z.string(), decision: Gate }))
    .meta({ description: 'Whether a promotion now would go on by itself, for each database.' }),
});

/** What `lifeboat status --json` prints. */
export const Status = z.object({
  recent: z.array(JournalRecord).meta({ description: 'Newest first.' }),
  looked: count.meta({ description: 'How many records `recent` was asked for.' }),
  losses: z.array(Loss).meta({
    description: 'What would be lost now, for each backup that Lifeboat takes.',
  }),
  verified: z
    .array(
      z.object({
        restoreTest: z.string(),
        record: JournalRecord.nullable(),
        evidence: EvidencePart.nullable(),
      }),
    )
    .meta({ description: 'The last run of each restore test that verified a recovery point.' }),
  open: z
    .array(
      z.object({
        record: JournalRecord,
        executionState: ExecutionState,
        progress: z.union([Progress, z.object({ account: Account, expected: count.nullable() })]).nullable(),
      }),
    )
    .meta({ description: 'Runs that are not recorded yet.' }),
  unheard: z
    .array(
      z.object({
        topic: z.enum(['outcomes', 'alarms']),
        address: z.string().nullable().meta({ description: 'Null where the topic could not be asked.' }),
        problem: z.string(),
      }),
    )
    .meta({ description: 'Addresses of the plan that no e-mail reaches.' }),
  queues: z.array(
    z.object({
      queue: z.string(),
      deadLetters: z.string(),
      depth: z.union([z.object({ visible: count, hidden: count }), z.object({ problem: z.string() })]),
      lastReplay: JournalRecord.nullable(),
    }),
  ),
  replication: z
    .array(z.union([ReplicationLag, ReplicationUnknown]))
    .nullable()
    .meta({
      description: 'What of the vault is in the standby Region; null where nothing is replicated from here.',
    }),
  replicas: z
    .array(z.union([ReplicaLag, ReplicaUnknown]))
    .nullable()
    .meta({
      description:
        'What the promotion of each read replica would lose; null where no standby Region is deployed.',
    }),
  failover: Failover.nullable().meta({
    description:
      'What is seen of the primary Region from the standby; null elsewhere, or without a failover.',
  }),
  notTaken: z.array(z.string()).meta({ description: 'What the plan leaves to other tools.' }),
}) satisfies z.ZodType<unknown, Printed<Omit<Gathered, 'verified'>>>;
