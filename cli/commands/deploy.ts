import { type Command, Option } from 'commander';
import { requireDeployable } from '../../resources/require-deployable.ts';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { action } from '../action.ts';
import { createClients } from '../aws/clients.ts';
import { confirm } from '../confirm.ts';
import { changesOf, type Resources } from '../deploy/changes.ts';
import { deployedResources } from '../deploy/deployed-template.ts';
import { type Deployer, openDeployer } from '../deploy/osls.ts';
import { type PlannedStack, type PreparedStack, stacksOf } from '../deploy/stacks.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { Interrupted, interruptible } from '../interruption.ts';
import { changesInWords, endOfLeases, showChanges } from '../render/changes.ts';
import { showStep } from '../render/steps.ts';
import { typed } from '../typed.ts';
import { PLAN_ARGUMENT, stageOption, yesOption } from './options.ts';

interface Options {
  readonly stage: string;
  readonly alone?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** `lifeboat deploy`: deploys a plan to both of its Regions, the standby first, after it showed what changes. */
export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('deploy a plan to its two Regions, the standby first, and say before what changes')
    .argument('[plan]', PLAN_ARGUMENT)
    .addOption(stageOption('the stage to deploy as'))
    .addOption(
      new Option('--alone', 'one stack in the primary Region, replicated nowhere, as for a test stage'),
    )
    .addOption(new Option('--dry-run', 'only say what would change'))
    .addOption(yesOption())
    .addHelpText(
      'after',
      `
What has to be there first (secrets, roles, keys) is in docs/deploy.md.

Examples:
  lifeboat deploy mailblast --dry-run
  lifeboat deploy mailblast
  lifeboat deploy mailblast --stage staging --alone --yes
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const { plan, path } = await findPlan(name);
        const { stage, alone = false, dryRun = false } = options;
        const signal = interruptible();
        await requireDeployable(plan, stage);
        let deployer: Deployer | null = null;
        const deployed: PlannedStack[] = [];
        let begun: PlannedStack | null = null;
        try {
          const opened = await showStep(screen, 'functions bundled', () =>
            openDeployer(path, stage, process.env, signal),
          );
          deployer = opened;
          const stacks = await prepare(opened, stacksOf(plan, { stage, alone }), (stack, work) =>
            showStep(screen, `packaged for ${stack.region}`, work),
          );
          for (const stack of stacks) showChanges(screen, stack, options.verbose ?? false);
          requireSameTypes(stacks);
          const document = { stage, deployed: !dryRun, stacks };
          screen.line();
          if (dryRun) return { exitCode: EXIT.good, document };
          await confirm(deployQuestion(stacks), options, { nothingDone: 'Nothing was deployed.' });
          for (const stack of stacks) {
            let last = '';
            begun = stack;
            await showStep(
              screen,
              `deployed to ${stack.region} (${stack.role})`,
              () => opened.deploy(stack, (line) => (last = line)),
              () => '',
              () => last,
            );
            deployed.push(stack);
            begun = null;
          }
          return { exitCode: EXIT.good, document };
        } catch (error) {
          if (!signal.aborted) throw error;
          throw new Interrupted(whatIsLeft(deployed, begun), { hint: whatNext(begun, path, stage) });
        } finally {
          await deployer?.remove();
        }
      }),
    );
}

/** What a deployment leaves that was ended in the middle. */
export function whatIsLeft(deployed: readonly Named[], begun: Named | null): string {
  const whole = deployed.map(({ name, region }) => `${name} is deployed to ${region}.`);
  if (begun === null) return whole.length === 0 ? 'Nothing was deployed.' : whole.join(' ');
  const goesOn = `CloudFormation goes on with ${begun.name} in ${begun.region}, if it was asked already.`;
  return [...whole, goesOn].join(' ');
}

type Named = Pick<PlannedStack, 'name' | 'region'>;

/** Deploying again is right in each case: it shows what is not as the plan says, and changes that alone. */
function whatNext(begun: Named | null, planPath: string, stage: string): string {
  const again = `Deploy again: ${typed('deploy', planPath, '--stage', stage)}`;
  if (begun === null) return again;
  const { name, region } = begun;
  const state = `aws cloudformation describe-stacks --stack-name ${name} --region ${region} --query 'Stacks[0].StackStatus'`;
  return `Wait until it is done: ${state}\n${again}`;
}

/** Packages each stack and compares it with what is deployed. */
async function prepare(
  deployer: Deployer,
  stacks: readonly PlannedStack[],
  show: (stack: PlannedStack, work: () => Promise<Resources>) => Promise<Resources>,
): Promise<PreparedStack[]> {
  const prepared: PreparedStack[] = [];
  for (const stack of stacks) {
    const standbyIsNew = prepared.some(({ role, changes }) => role === 'standby' && changes.isNew);
    const after = await show(stack, () => deployer.package(stack, standbyIsNew ? NOT_DEPLOYED_YET : {}));
    const clients = createClients({ region: stack.region });
    try {
      const before = await deployedResources(clients.cloudformation, stack.name);
      prepared.push({ ...stack, changes: changesOf(before, after) });
    } finally {
      clients.destroy();
    }
  }
  return prepared;
}

/** The primary's template names the standby's vault, which only the standby's deployment makes. */
const NOT_DEPLOYED_YET = {
  LIFEBOAT_STANDBY_VAULT: 'not-deployed-yet',
  LIFEBOAT_STANDBY_KEY: 'not-deployed-yet',
};

/** What a person is asked before it starts. */
export function deployQuestion(stacks: readonly PreparedStack[]): string {
  const [first] = stacks;
  const each = stacks.map(({ region, role, changes }) => `${region} (${role}: ${changesInWords(changes)})`);
  const ends = stacks.map(({ changes }) => endOfLeases(changes)).find((warning) => warning !== null);
  return `Deploy ${first?.name} to ${each.join(', then to ')}${ends ? ` (${ends})` : ''}`;
}

/** CloudFormation turns no resource into one of another type, and would fail in the middle. */
export class StackTypeChanged extends LifeboatError {
  override readonly name = 'StackTypeChanged';
  override readonly kind = 'usage';
}

/** @throws StackTypeChanged before anything is deployed */
export function requireSameTypes(stacks: readonly PreparedStack[]): void {
  for (const { name, region, changes } of stacks)
    if (changes.retyped.length > 0)
      throw new StackTypeChanged(
        `CloudFormation would refuse to deploy ${name} in ${region}: ` +
          changes.retyped.map(({ id, before, type }) => `${id} is ${before} and would be ${type}`).join(', '),
        {
          hint: 'Deploy it as it was: with --alone if it stood alone, without if it has a standby. Or see "The standby Region" in docs/deploy.md.',
        },
      );
}
