import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePlan } from '../shared/plan/load.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { DAY } from '../shared/plan/values/duration.ts';
import { KINDS } from '../shared/run/kinds.ts';
import { PROVISIONAL } from '../shared/vault/vault.ts';
import { deriveAlarms } from './alarms.ts';
import { readLambdas } from './capabilities.ts';
import { deriveFunctions, type Network } from './functions.ts';
import { functionsIn, hasFunction } from './in-standby.ts';
import { deriveLocks } from './locks.ts';
import { deriveFailureDestinations } from './lost-events.ts';
import { deriveMachines } from './machines.ts';
import { requireShortNames } from './name-limits.ts';
import { NotDeployable } from './not-deployable.ts';
import type { TemplatePart } from './read-part.ts';
import { deriveRecovery } from './recovery.ts';
import { deriveReminders } from './reminders.ts';
import { deriveReplication } from './replication.ts';
import { deriveRoles } from './roles.ts';
import { deriveSchedules } from './schedules.ts';
import { deriveSubscriptions } from './subscriptions.ts';
import { deriveTables, referToReplicas } from './tables.ts';
import { deriveTrail } from './trail.ts';

/** The values that the template takes from the plan. Everything deployed follows from one file. */
export interface Derived {
  readonly workload: string;
  readonly region: string;
  readonly functions: Record<string, object>;
  /** A role for each function. Their permissions are modules, which are imported asynchronously. */
  readonly roles: Promise<Record<string, object>>;
  /** The state machines with their logs, roles and outputs. */
  readonly machines: TemplatePart;
  /** Journal and ledger. */
  readonly tables: TemplatePart;
  /** The locks that stand in the standby Region alone. */
  readonly locks: TemplatePart;
  /** How alarms and schedules start what recovers, and where goes what they could not start. */
  readonly recovery: TemplatePart;
  /** What copies the vault to the standby Region. */
  readonly replication: TemplatePart;
  readonly lifecycleRules: object[];
  readonly lockMode: 'GOVERNANCE' | 'COMPLIANCE';
  /** The role that may tag objects of the vault. */
  readonly mayTag: object;
  readonly subscriptions: Record<string, object>;
  readonly schedules: Record<string, object>;
  readonly alarms: Record<string, object>;
  /** The daily repetition of alarms that last. */
  readonly reminders: Record<string, object>;
  /** Where events go that functions failed on. */
  readonly failureDestinations: Record<string, object>;
  /** Who read and changed what in the vault; nothing where the plan wants no trail. */
  readonly trail: Record<string, object>;
}

/**
 * Derives the template's values from a plan.
 *
 * @param role what the stack is among the plan's Regions
 * @param stage where the stack of the other Region is found
 * @throws NotDeployable
 */
export function derive(plan: Plan, role: StackRole = 'alone', stage = 'prod'): Derived {
  const lambdas = functionsIn(role, readLambdas(), plan);
  const own = <Part>(part: Part): Part => (role === 'standby' ? referToReplicas(part) : part);
  return {
    workload: plan.workload,
    region: role === 'standby' ? plan.regions.standby : plan.regions.primary,
    functions: own(deriveFunctions(lambdas, networkOf(plan, role), plan.functions.memory)),
    roles: deriveRoles(lambdas, plan, role).then(own),
    machines: own(deriveMachines(plan, role)),
    tables: deriveTables(plan, role),
    locks: deriveLocks(plan, role),
    recovery: deriveRecovery(plan, role),
    replication: deriveReplication(plan, role, stage),
    lifecycleRules: lifecycleRules(plan),
    lockMode: plan.vault.lock === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
    mayTag: hasFunction(role, 'copy-database') ? TAKES_BACKUPS : NOBODY,
    subscriptions: deriveSubscriptions(plan),
    schedules: deriveSchedules(plan, role),
    alarms: deriveAlarms(plan, KINDS, role),
    reminders: deriveReminders(plan, role),
    failureDestinations: deriveFailureDestinations(lambdas),
    trail: deriveTrail(plan),
  };
}

const TAKES_BACKUPS = { 'Fn::GetAtt': ['CopyDatabaseRole', 'Arn'] };
/** In the standby Region only S3 writes into the vault, and a replica comes with its tags. No role has this name. */
const NOBODY = { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/nobody` };

/** Reads a plan file and derives the values for a stage and a role. @throws PlanInvalid, NotDeployable */
export function deriveFrom(planPath: string, stage: string, role: StackRole): Derived {
  const plan = parsePlan(readFileSync(path.resolve(planPath), 'utf8'), planPath);
  requireShortNames(plan, stage);
  return derive(plan, role, stage);
}

/** A plan's databases share the functions, and a function belongs to one network. */
function networkOf(plan: Plan, role: StackRole): Network {
  const networks = new Map(
    Object.values(plan.databases).map(
      ({ postgres: { network } }) => [JSON.stringify(network ?? null), network] as const,
    ),
  );
  if (networks.size > 1)
    throw new NotDeployable(
      `the databases of workload "${plan.workload}" name different networks: give each network a plan of its own`,
    );
  const network = role === 'standby' ? plan.regions.standbyNetwork : [...networks.values()][0];
  return { subnetIds: network?.subnets ?? [], securityGroupIds: network?.securityGroups ?? [] };
}

/**
 * Expires objects past their retention; their lock has ended by then. The vault is versioned: expiry hides the current
 * version. A day later the version is deleted, as is the open upload of a failed backup.
 *
 * What was taken out of the plan has no rule of its own any more, and would stay and cost for good. It expires by the longest
 * retention of the plan. Where two rules apply, S3 follows the shorter one.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
 *
 * What a failed backup stored completely is still provisional, and expires as soon as its first lock has ended.
 */
function lifecycleRules(plan: Plan): object[] {
  const rule = (id: string, prefix: string, retention: number) => ({
    Id: id,
    Status: 'Enabled',
    Prefix: prefix,
    ExpirationInDays: Math.ceil(retention / DAY),
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  });
  return [
    ...Object.entries(plan.databases).flatMap(([database, { backups }]) =>
      Object.entries(backups)
        .filter(([, backup]) => 'logical' in backup)
        .flatMap(([name, { retention }]) => [
          rule(`content-${database}-${name}`, `recovery-points/${database}/${name}/`, retention),
          {
            Id: `provisional-${database}-${name}`,
            Status: 'Enabled',
            Prefix: `recovery-points/${database}/${name}/`,
            TagFilters: [PROVISIONAL],
            ExpirationInDays: 3,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          },
          rule(`manifests-${database}-${name}`, `manifests/${database}/${name}/`, retention),
        ]),
    ),
    rule('probes', 'probes/', DAY),
    rule('evidence', 'evidence/', plan.vault.evidenceRetention),
    ...Object.entries(plan.replays).map(([queue, { quarantine }]) =>
      rule(`quarantine-${queue}`, `quarantine/${queue}/`, quarantine),
    ),
    ...['recovery-points', 'manifests', 'quarantine'].map((part) =>
      rule(`not-in-the-plan-${part}`, `${part}/`, longestRetention(plan)),
    ),
  ];
}

function longestRetention({ databases, replays, vault }: Plan): number {
  const backups = Object.values(databases).flatMap((database) =>
    Object.values(database.backups).flatMap((backup) => ('logical' in backup ? [backup.retention] : [])),
  );
  const quarantines = Object.values(replays).map(({ quarantine }) => quarantine);
  return Math.max(vault.evidenceRetention, ...backups, ...quarantines);
}
