import { Argument, type Command, Option } from 'commander';
import { QUARANTINE_KINDS } from '../../shared/replay/quarantine/quarantined-message.ts';
import { ofKind, releaseAll } from '../../shared/replay/quarantine/release-all.ts';
import { count } from '../../shared/run/quantity.ts';
import { action, type Result } from '../action.ts';
import { quarantineOf, releasePorts } from '../aws/quarantine-ports.ts';
import { confirm } from '../confirm.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { type FoundPlan, findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { showNextSteps } from '../render/next-step.ts';
import { messageDocument, showMessage, showQuarantine, showReleased } from '../render/quarantine.ts';
import { typed } from '../typed.ts';
import { WrongUsage } from '../usage.ts';
import { openWorkload, type Workload } from '../workload.ts';
import { PLAN_ARGUMENT, queueNamed, stageOption, yesOption } from './options.ts';

const QUEUE_ARGUMENT = 'a queue of the plan';

interface Stage {
  readonly stage: string;
}

/** The messages to release, as given on the command line. */
export interface ReleaseOptions {
  readonly all?: true;
  readonly kind?: string;
  readonly again?: true;
  readonly yes?: true;
}

/** `lifeboat replay quarantine`: undeliverable messages, and what to do with them. */
export function addQuarantine(replay: Command): void {
  const quarantine = replay
    .command('quarantine')
    .description(
      'what could not be delivered and is kept in the vault: look at it, put it on its queue again',
    )
    .addHelpText('after', EXAMPLES);
  quarantine
    .command('list')
    .description('list what is in quarantine, and why')
    .argument('[plan]', PLAN_ARGUMENT)
    .argument('[queue]', `${QUEUE_ARGUMENT}; not needed where it has one`)
    .addOption(stageOption())
    .addOption(kindOption('only this kind'))
    .option('--limit <count>', 'the newest so many', Number, 50)
    .addHelpText('after', EXAMPLES)
    .action(
      action<readonly [string | undefined, string | undefined], Stage & { kind?: string; limit: number }>(
        ({ args: [plan, queue], options, screen }) =>
          withQueue(plan, queue, options.stage, async (workload, name) => {
            const { total, messages } = await quarantineOf(workload, name).list(options.limit);
            const listed = messages.filter(({ kind }) => options.kind === undefined || kind === options.kind);
            const title = `quarantine of ${workload.plan.workload}/${name}`;
            showQuarantine(screen, title, { total, messages: listed }, new Date());
            const [first] = listed;
            if (first)
              showNextSteps(screen, [
                {
                  why: 'to see one whole; once its reason is gone, "release" puts it on its queue again',
                  command: typed(
                    'replay',
                    'quarantine',
                    'show',
                    workload.planPath,
                    name,
                    first.id,
                    '--stage',
                    workload.stage,
                  ),
                },
              ]);
            return { exitCode: EXIT.good, document: { queue: name, total, messages: listed } };
          }),
      ),
    );
  quarantine
    .command('show')
    .description('print everything of one message, its body as it is')
    .argument('<plan>', PLAN_ARGUMENT)
    .argument('<queue>', QUEUE_ARGUMENT)
    .argument('<id>', 'of the list')
    .addOption(stageOption())
    .addHelpText('after', EXAMPLES)
    .action(
      action<readonly [string, string, string], Stage>(({ args: [plan, queue, id], options, screen }) =>
        withQueue(plan, queue, options.stage, async (workload, name) => {
          const message = await quarantineOf(workload, name).show(id);
          showMessage(screen, message);
          return { exitCode: EXIT.good, document: messageDocument(message) };
        }),
      ),
    );
  quarantine
    .command('release')
    .description('put messages on their queue again, for the next replay to deliver')
    .argument('<plan>', PLAN_ARGUMENT)
    .argument('<queue>', QUEUE_ARGUMENT)
    .addArgument(new Argument('[ids...]', 'of the list'))
    .addOption(stageOption())
    .option('--all', 'every message of a kind that was not released before; goes with --kind')
    .addOption(kindOption('with --all: of this kind'))
    .option('--again', 'also what was released before')
    .addOption(yesOption())
    .addHelpText(
      'after',
      `
First put right why a message is there, or it comes back: its receiver, the plan's format, key or maxAge. Its copy in the
vault stays.
${EXAMPLES}`,
    )
    .action(
      action<readonly [string, string, readonly string[]], Stage & ReleaseOptions>(
        async ({ args: [plan, queue, ids], options, screen }) => {
          const wanted = wantedOf(ids, options);
          const found = await findPlan(plan);
          const name = queueNamed(found.plan, queue);
          await confirm(releaseQuestion(`${found.plan.workload}/${name}`, wanted, options.stage), options, {
            nothingDone: 'Nothing was released.',
            look: `"${typed('replay', 'quarantine', 'list', plan, name)}"`,
          });
          return onQueue(found, name, options.stage, async (workload) => {
            const chosen = 'ids' in wanted ? wanted.ids : await idsOf(workload, name, wanted.kind, options);
            const released = await releaseAll(await releasePorts(workload, name), name, chosen, {
              by: operator(),
              again: options.again ?? false,
            });
            showReleased(screen, released);
            const good = released.every(({ outcome }) => outcome === 'released');
            if (released.some(({ outcome }) => outcome === 'released'))
              showNextSteps(screen, [
                {
                  why: 'to deliver',
                  command: typed('replay', workload.planPath, name, '--stage', workload.stage),
                },
              ]);
            return { exitCode: good ? EXIT.good : EXIT.bad, document: { queue: name, messages: released } };
          });
        },
      ),
    );
}

type Wanted = { readonly ids: readonly string[] } | { readonly kind: string };

/** The messages to release: by name, or all of a kind. @throws WrongUsage where neither or both are given */
export function wantedOf(ids: readonly string[], { all, kind }: ReleaseOptions): Wanted {
  if (all && ids.length > 0) throw new WrongUsage('name messages by their ids, or say --all --kind <kind>');
  if (all && kind === undefined)
    throw new WrongUsage(`--all goes with --kind: say which, of ${QUARANTINE_KINDS.join(', ')}`);
  if (!all && kind !== undefined) throw new WrongUsage('--kind goes with --all');
  if (all && kind !== undefined) return { kind };
  if (ids.length > 0) return { ids };
  throw new WrongUsage(
    `say which: ids of "${typed('replay', 'quarantine', 'list')}", or --all --kind <kind>`,
  );
}

async function idsOf(
  workload: Workload,
  queue: string,
  kind: string,
  { again = false }: { again?: boolean },
): Promise<string[]> {
  const { messages } = await quarantineOf(workload, queue).list(Number.POSITIVE_INFINITY);
  return ofKind(messages, kind, { again }).map(({ id }) => id);
}

function releaseQuestion(queue: string, wanted: Wanted, stage: string): string {
  const which =
    'ids' in wanted
      ? count(wanted.ids.length, 'quarantined message')
      : `every quarantined message of kind ${wanted.kind}`;
  return `Put ${which} of ${queue}, stage ${stage}, on its queue again, for the next replay to deliver`;
}

async function withQueue(
  planName: string | undefined,
  queue: string | undefined,
  stage: string,
  work: (workload: Workload, queue: string) => Promise<Result>,
): Promise<Result> {
  const found = await findPlan(planName);
  return onQueue(found, queueNamed(found.plan, queue), stage, work);
}

async function onQueue(
  found: FoundPlan,
  name: string,
  stage: string,
  work: (workload: Workload, queue: string) => Promise<Result>,
): Promise<Result> {
  const workload = await openWorkload(found, stage);
  try {
    return await work(workload, name);
  } finally {
    workload.close();
  }
}

function kindOption(description: string): Option {
  return new Option('--kind <kind>', description).choices(QUARANTINE_KINDS);
}

const EXAMPLES = `
Examples:
  lifeboat replay quarantine list mailblast
  lifeboat replay quarantine show mailblast webhook-events 20261122T040000000Z-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
  lifeboat replay quarantine release mailblast webhook-events 20261122T040000000Z-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
  lifeboat replay quarantine release mailblast webhook-events --all --kind refused
${EXIT_CODES_HELP}`;
