import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePlan } from '../shared/plan/load.ts';
import type { Backup, Plan } from '../shared/plan/schema.ts';
import { deriveAlarms } from './alarms.ts';
import { secretArns } from './arns.ts';
import { NotDeployable } from './not-deployable.ts';
import { deriveReplayPolicies } from './replay-policies.ts';
import { deriveSchedules } from './schedules.ts';

/** What the template takes from the plan. Everything deployed follows from one file. */
export interface Derived {
  readonly workload: string;
  readonly region: string;
  readonly vpc: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
  /** ARNs of the secrets that functions may read, by whose they are. */
  readonly secrets: { readonly sources: object[]; readonly scratches: object[] };
  readonly lifecycleRules: object[];
  readonly lockMode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly subscriptions: object[];
  readonly schedules: Record<string, object>;
  readonly alarms: Record<string, object>;
  /** What the functions of a replay may do with what the plan names, as resources. */
  readonly replayPolicies: Record<string, object>;
}

const DAY = 86_400_000;

/** Derives the template's values from a plan. @throws NotDeployable */
export function derive(plan: Plan): Derived {
  const databases = Object.values(plan.databases);
  return {
    workload: plan.workload,
    region: plan.regions.primary,
    vpc: networkOf(plan),
    secrets: {
      sources: secretArns(
        databases.flatMap(({ secret, certificateAuthority }) => [secret, certificateAuthority]),
      ),
      scratches: secretArns(
        databases.flatMap(({ restoreTest: { scratch } }) => [scratch.secret, scratch.certificateAuthority]),
      ),
    },
    lifecycleRules: lifecycleRules(plan),
    lockMode: plan.vault.lock === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
    subscriptions: plan.notifications.email.map((Endpoint) => ({ Protocol: 'email', Endpoint })),
    schedules: deriveSchedules(plan),
    alarms: deriveAlarms(plan),
    replayPolicies: deriveReplayPolicies(plan),
  };
}

/** Reads and derives from a plan file. @throws PlanInvalid, NotDeployable */
export function deriveFrom(planPath: string): Derived {
  return derive(parsePlan(readFileSync(path.resolve(planPath), 'utf8'), planPath));
}

/** Functions are shared by the databases of a plan, and a function stands in one network. */
function networkOf(plan: Plan): Derived['vpc'] {
  const networks = new Map(
    Object.values(plan.databases).map(({ network }) => [JSON.stringify(network ?? null), network] as const),
  );
  if (networks.size > 1)
    throw new NotDeployable(
      `the databases of workload "${plan.workload}" name different networks: give each network a plan of its own`,
    );
  const [network] = networks.values();
  return { subnetIds: network?.subnets ?? [], securityGroupIds: network?.securityGroups ?? [] };
}

/**
 * Expires what is past its retention; its lock has ended by then. The vault is versioned: expiry hides the current version,
 * and the version goes a day later, as does the upload that a failed backup left open.
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
  const kept = (backup: Backup) => backup.method === 'logical';
  return [
    ...Object.entries(plan.databases).flatMap(([database, { backups }]) =>
      Object.entries(backups)
        .filter(([, backup]) => kept(backup))
        .flatMap(([name, { retention }]) => [
          rule(`content-${database}-${name}`, `recovery-points/${database}/${name}/`, retention),
          rule(`manifests-${database}-${name}`, `manifests/${database}/${name}/`, retention),
        ]),
    ),
    rule('evidence', 'evidence/', plan.vault.evidenceRetention),
    ...Object.entries(plan.queues).map(([queue, { quarantine }]) =>
      rule(`quarantine-${queue}`, `quarantine/${queue}/`, quarantine),
    ),
  ];
}
