import { type Command, InvalidArgumentError, Option } from 'commander';
import { FEWEST, MOST } from '../../local/sample/dead-letters.ts';
import { action } from '../action.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan, findPlanOrSample } from '../find-plan.ts';
import {
  loadOption,
  planOption,
  refuseForSubcommands,
  SAMPLE_PLAN_ARGUMENT,
  scaleOption,
} from './options.ts';

interface Options {
  readonly scale: number;
  readonly keep?: true;
  readonly load?: readonly string[];
  readonly plan?: string;
  readonly test?: string;
}

const EXAMPLES = `
Nothing outside of this machine is touched, and nothing is left behind but the evidence, in .lifeboat/evidence/.

Examples:
  lifeboat drill                    the database is lost and restored; about a minute
  lifeboat drill --scale 1          1 GB of data
  lifeboat drill --keep             look around when it is over
  lifeboat drill --load my.sql --plan mine.yml    your own schema and data; see "lifeboat plan init"
  lifeboat drill --json             the same for a program
  lifeboat drill replay             a webhook was down: its dead letters are delivered, each once; about a minute
  lifeboat drill replay --messages 500
  lifeboat drill rds                a statement without its WHERE, on RDS: a snapshot and a moment before it are restored
${EXIT_CODES_HELP}`;

/** `lifeboat drill`: a complete disaster and its recovery, on an AWS that exists only during the drill. */
export function addDrill(program: Command): void {
  const drill = program
    .command('drill')
    .description(
      'rehearse a disaster on an AWS inside this machine: back up, lose the database, restore, measure',
    )
    .argument('[plan]', SAMPLE_PLAN_ARGUMENT)
    .addOption(planOption())
    .addOption(loadOption())
    .option('--test <name>', 'with --load: a restore test of the plan; not needed where it has one')
    .addOption(scaleOption())
    .addOption(keepOption())
    .addHelpText('after', EXAMPLES)
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlanOrSample(options.plan ?? name, { own: options.load !== undefined });
        const order = { found, screen, keep: options.keep ?? false };
        const { ownSubject, sampleSubject } = await import('../../drills/lost-database/subject.ts');
        const { drillLostDatabase } = await import('../../drills/lost-database/drill.ts');
        const subject = options.load
          ? ownSubject(found.plan, options.load, options.test)
          : sampleSubject(found.plan, options.scale);
        return drillLostDatabase(order, subject);
      }),
    );
  refuseForSubcommands(drill, ['keep']);
  addReplayDrill(drill);
  addRdsDrill(drill);
}

/** `lifeboat drill replay`: a webhook outage, and the replay of the messages it left in the queue. */
function addReplayDrill(drill: Command): void {
  drill
    .command('replay')
    .description(
      'rehearse an outage of a webhook: its dead letters, copies and poison among them, are delivered each once',
    )
    .argument('[plan]', SAMPLE_PLAN_ARGUMENT)
    .addOption(
      new Option('--messages <count>', 'dead letters in the queue').argParser(parseMessages).default(2_000),
    )
    .addOption(keepOption())
    .addHelpText('after', EXAMPLES)
    .action(
      action<readonly [string | undefined], { readonly messages: number; readonly keep?: true }>(
        async ({ args: [name], options, screen }) => {
          const order = {
            found: await findPlanOrSample(name, { own: false }),
            screen,
            keep: options.keep ?? false,
          };
          const { drillWebhookOutage } = await import('../../drills/webhook-outage/drill.ts');
          return drillWebhookOutage(order, options);
        },
      ),
    );
}

/** `lifeboat drill rds`: an accidental deletion in a database on RDS, and each way back. */
function addRdsDrill(drill: Command): void {
  drill
    .command('rds')
    .description(
      'rehearse an accidental deletion on RDS: a snapshot and a moment before it, each restored into an instance of its own',
    )
    .argument('[plan]', 'the plan whose database lives on RDS', 'healing-guard')
    .addOption(scaleOption())
    .addOption(keepOption())
    .addHelpText('after', EXAMPLES)
    .action(
      action<readonly [string], { readonly scale: number; readonly keep?: true }>(
        async ({ args: [name], options, screen }) => {
          const order = { found: await findPlan(name), screen, keep: options.keep ?? false };
          const { drillAccidentalDeletion } = await import('../../drills/accidental-deletion/drill.ts');
          return drillAccidentalDeletion(order, options);
        },
      ),
    );
}

function keepOption(): Option {
  return new Option('--keep', 'leave the AWS up afterwards, until Ctrl-C');
}

function parseMessages(text: string): number {
  const messages = Number(text);
  if (Number.isInteger(messages) && messages >= FEWEST && messages <= MOST) return messages;
  throw new InvalidArgumentError(`Expected a whole number from ${FEWEST} to ${MOST}.`);
}
