import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { replayOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { parseExpression } from '../../shared/plan/values/expression.ts';
import type { ReplayOptions } from '../../shared/replay/options.ts';
import { action } from '../action.ts';
import { confirm } from '../confirm.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startReplay } from '../follow/start-replay.ts';
import { targetsInWords } from '../render/plan-summary.ts';
import { WrongUsage } from '../usage.ts';
import { openWorkload } from '../workload.ts';
import { failedAtOption, type IncidentOptions, incidentOf, scenarioOption } from './incident.ts';
import { PLAN_ARGUMENT, queueNamed, refuseForSubcommands, stageOption, yesOption } from './options.ts';
import { addQuarantine } from './quarantine.ts';
import { runAndShow } from './run-and-show.ts';

interface Options extends ReplayOptions, IncidentOptions {
  readonly stage: string;
  readonly requestId?: string;
  readonly yes?: true;
}

/**
 * `lifeboat replay`: delivers the messages of a dead-letter queue, each once, through the deployed machine,
 * and accounts for them.
 */
export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('deliver the messages of a dead-letter queue, each once, and account for every one of them')
    .argument('[plan]', PLAN_ARGUMENT)
    .argument('[queue]', 'a queue of the plan; not needed where it has one')
    .addOption(stageOption())
    .option('--dry-run', 'say what would happen; sends nothing, deletes nothing')
    .addOption(yesOption())
    .option('--filter <jmespath>', "only messages for which this, and the plan's own filter, is true")
    .addOption(new Option('--max <count>', 'messages to take at most').argParser(wholeNumber))
    .addOption(
      new Option('--rate <per second>', 'deliveries a second, at most those of the plan').argParser(
        numberFrom(1),
      ),
    )
    .addOption(new Option('--minutes <number>', 'take on no more after so many').argParser(numberFrom(0.1)))
    .addOption(failedAtOption('the outage began'))
    .addOption(scenarioOption())
    .option('--request-id <id>', 'given again, starts nothing and follows the run that it started')
    .addHelpText(
      'after',
      `
Before it sends, it asks; --yes answers. What was delivered cannot be taken back.

A filter sees of each message: body, attributes, messageId, ageSeconds, receiveCount, groupId, and in an SNS envelope
message (its Message, parsed) and sns (messageId, topicArn, type, timestamp, subject). What it leaves stays in the queue.
Not is written with brackets: !(message.test), because !message.test is (!message).test.

Examples:
  lifeboat replay mailblast --dry-run               what would happen
  lifeboat replay mailblast                         all of it
  lifeboat replay mailblast --max 100 --rate 10     a few, slowly
  lifeboat replay mailblast webhook-events --filter "message.eventType == 'Bounce'"
  lifeboat replay mailblast --failed-at 2026-11-22T04:00:00Z --scenario webhook-failure
  lifeboat replay quarantine list mailblast         what could not be delivered, and why
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined, string | undefined], Options>(
        async ({ args: [name, named], options, screen }) => {
          const found = await findPlan(name);
          const queue = queueNamed(found.plan, named);
          const asked = replayOptions(found.plan, queue, options);
          const incident = incidentOf(found.plan, options);
          if (!options.dryRun) await confirm(deliveryQuestion(found.plan, queue, options.stage), options);
          const workload = await openWorkload(found, options.stage);
          try {
            const request = {
              queue,
              startedBy: operator(),
              requestId: options.requestId ?? randomUUID(),
              options: asked,
              ...(incident && { incident }),
            };
            return await runAndShow(workload, queue, () => startReplay(workload, request), screen);
          } finally {
            workload.close();
          }
        },
      ),
    );
  addQuarantine(refuseForSubcommands(replay, ['stage', 'yes']));
}

function deliveryQuestion(plan: Plan, queue: string, stage: string): string {
  return `Deliver the dead letters of ${plan.workload}/${queue}, stage ${stage}, to the ${targetsInWords(replayOf(plan, queue))}`;
}

/** The options of one replay that the plan does not set. @throws ExpressionInvalid, WrongUsage */
export function replayOptions(
  plan: Plan,
  queue: string,
  { filter, max, rate, minutes, dryRun }: ReplayOptions,
): ReplayOptions {
  if (filter !== undefined) parseExpression(filter);
  const { pace } = replayOf(plan, queue);
  if (rate !== undefined && rate > pace.rate)
    throw new WrongUsage(
      `--rate ${rate} is more than the plan allows its receiver: ${pace.rate} a second (pace.rate of ${queue})`,
    );
  return {
    ...(filter !== undefined && { filter }),
    ...(max !== undefined && { max }),
    ...(rate !== undefined && { rate }),
    ...(minutes !== undefined && { minutes }),
    ...(dryRun && { dryRun }),
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isFinite(number) && number >= least) return number;
    throw new InvalidArgumentError(`Expected a number of at least ${least}.`);
  };
}
