import path from 'node:path';
import { createAuthority } from 'certificate-authority';
import { postgresBinaries } from 'local-postgres/binaries';
import { type PostgresServer, startPostgres } from 'local-postgres/start-postgres';
import { loadPlan } from '../shared/plan/load.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { clientsFor, environmentOf } from './account.ts';
import { bundle } from './deploy/bundle.ts';
import { type Deployment, deploy } from './deploy/deploy.ts';
import { serviceView } from './deploy/service-view.ts';
import { projectFolder } from './folders.ts';
import { createPlanFunctions, functionsOf, type OwnFunctions } from './functions/plan-functions.ts';
import { createFunctionRole } from './functions/role.ts';
import { unixUpstream } from './gateway/forward.ts';
import { type Gateway, startGateway } from './gateway/start-gateway.ts';
import { createPlanQueues } from './messaging/plan-queues.ts';
import { socketIn, startMiniStack } from './ministack/start-ministack.ts';
import { ensurePython } from './python/ensure-python.ts';
import { type RunRds, rdsOf } from './rds/start.ts';
import { type Death, type Run, startRun } from './runs.ts';
import { type Addresses, type Databases, writePlanSecrets } from './secrets/plan-secrets.ts';
import { deployStandby, type LocalStandby } from './standby.ts';
import { type Report, stepsOf } from './steps.ts';

/** A complete AWS account on this machine, with the plan's databases beside it. */
export interface LocalAws {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The variables to export to act as the account's root user. */
  readonly environment: Readonly<Record<string, string>>;
  readonly runFolder: string;
  readonly gateway: Gateway;
  /** Starts with the first request for RDS. */
  readonly rds: RunRds;
  readonly source: PostgresServer;
  readonly scratch: PostgresServer;
  /** How the owners of the plan's databases connect, by the databases' names in the plan. */
  readonly databases: Databases;
  /** The addresses of webhooks and Redis in the plan's secrets. No process listens there until a caller starts one. */
  readonly addresses: Addresses;
  /** Has no name or outputs if `deploy` was false. */
  readonly stack: Deployment['stack'];
  readonly functions: Deployment['functions'];
  /** Null unless it was asked for. */
  readonly standby: LocalStandby | null;
  /** The template settings that this AWS does not apply. */
  readonly ignored: readonly string[];
  /** Keeps the run's folder, with its logs, for a day after the stop. */
  keepFolder(): void;
  /** Calls back when a program of this AWS ends by itself. Its log is kept. */
  onDeath(listener: (death: Death) => void): void;
  /** Ends every process and removes the run's folder. */
  stop(): Promise<void>;
}

/** What to start. */
export interface StartOptions {
  /** The plan's file. */
  readonly plan: string;
  /** The folder of `serverless.yml`; this project by default. */
  readonly serviceDirectory?: string;
  readonly report?: Report;
  /** Factor for the waits and retry delays of state machines; 0 skips them. Defaults to 1. */
  readonly waitScale?: number;
  /** Functions that stand for those of the plan's replays. What is not named here accepts every event. */
  readonly functions?: OwnFunctions;
  /** False: an account that holds only the plan's secrets, queues and topics. */
  readonly deploy?: boolean;
  /** Deploys the standby Region as well, and replicates to it. Without it the stack stands alone. */
  readonly standby?: boolean;
  /** Keeps the run's folder for a day, with its logs and data. A failed start also keeps it. */
  readonly keep?: boolean;
}

/** MiniStack's account. Its number is also the access key of the account's root user. */
const accountId = '000000000000';

/**
 * Starts a local AWS for a plan and deploys a service to it. Independent steps run in parallel. When one fails, it
 * waits for the others and stops everything before it throws the error.
 *
 * @example
 * const aws = await startLocalAws({ plan: 'plans/mailblast.yml' });
 * try { … } finally { await aws.stop(); }
 */
export async function startLocalAws(options: StartOptions): Promise<LocalAws> {
  const planPath = path.resolve(options.plan);
  const plan = await loadPlan(planPath);
  const run = await startRun();
  if (options.keep) run.keepFolder();
  try {
    return await assemble(run, plan, planPath, options);
  } catch (error) {
    run.keepFolder(); // the error names logs in it
    await run.stop();
    throw error;
  }
}

async function assemble(run: Run, plan: Plan, planPath: string, options: StartOptions): Promise<LocalAws> {
  const step = stepsOf(options.report);
  const region = plan.regions.primary;
  const serviceDirectory = path.resolve(options.serviceDirectory ?? projectFolder);
  const view = path.join(run.folder, 'service');
  const wantsDeployment = options.deploy ?? true;

  const gateway = await startGateway(unixUpstream(socketIn(run.folder)));
  run.onStop(gateway.stop);
  const rds = rdsOf(run);
  gateway.route('rds', rds.upstream);
  const ca = await createAuthority(`Lifeboat local run ${run.id}`);
  const binaries = await postgresBinaries(run.folder);
  const withStandby = wantsDeployment && options.standby === true;
  const [source, scratch, standbyScratch] = await allDone([
    step('source', () => startPostgres(run, { name: 'source', binaries, ca })),
    step('scratch', () => startPostgres(run, { name: 'scratch', binaries, ca })),
    withStandby
      ? step('scratch of the standby', () => startPostgres(run, { name: 'standby-scratch', binaries, ca }))
      : undefined,
    step('ministack', async (tell) => {
      const python = await ensurePython('ministack', tell);
      return startMiniStack(run, {
        python,
        gatewayPort: gateway.port,
        region,
        waitScale: options.waitScale ?? 1,
      });
    }),
    wantsDeployment
      ? step('bundle', async () => {
          await serviceView(serviceDirectory, view);
          await bundle(run, serviceDirectory, view, planPath);
        })
      : undefined,
  ]);

  const account = { endpoint: gateway.endpoint, region, accountId };
  const clients = clientsFor(account);
  run.onStop(async () => clients.destroy());
  const [secrets] = await allDone([
    step('secrets', () => writePlanSecrets(clients.secrets, plan, { source, scratch })),
    Object.keys({ ...plan.replays, ...plan.rehydrations }).length > 0
      ? step('queues', () => createPlanQueues(clients, plan))
      : undefined,
    wantsDeployment && functionsOf(plan).length + Object.keys(options.functions ?? {}).length > 0
      ? step('functions', async () =>
          createPlanFunctions(clients.lambda, {
            plan,
            role: await createFunctionRole(clients.iam, `${plan.workload}-targets`),
            own: options.functions ?? {},
          }),
        )
      : undefined,
  ]);
  const service = { view, planPath };
  const standby = standbyScratch
    ? await step('deploy the standby', () =>
        deployStandby(run, { account, clients }, { ...service, plan, scratch: standbyScratch }),
      )
    : null;
  const role = standby ? 'primary' : 'alone';
  const deployment = wantsDeployment
    ? await step('deploy', () => deploy(run, clients, account, { ...service, role }))
    : notDeployed;
  gateway.know(new Map([...deployment.functions, ...(standby?.functions ?? [])]));

  return {
    ...account,
    environment: environmentOf(account),
    runFolder: run.folder,
    gateway,
    rds,
    source,
    scratch,
    ...secrets,
    ...deployment,
    standby,
    keepFolder: () => run.keepFolder(),
    onDeath: (listener) => run.onDeath(listener),
    stop: () => run.stop(),
  };
}

const notDeployed: Deployment = {
  stack: { name: '', outputs: {}, physicalIds: new Map() },
  functions: new Map(),
  ignored: [],
};

/** Waits for all, even when one fails: the stop would miss a server that is still starting. */
async function allDone<Results extends readonly unknown[]>(
  work: {
    readonly [Index in keyof Results]: Promise<Results[Index]> | Results[Index];
  },
): Promise<Results> {
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return Promise.all(work) as unknown as Promise<Results>;
}
