import { type Command, InvalidArgumentError, Option } from 'commander';
import { begunAt } from '../../shared/backup/recovery-point.ts';
import type { Incident } from '../../shared/journal/evidence.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { action } from '../action.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { WrongUsage } from '../usage.ts';
import { openWorkload } from '../workload.ts';
import { databaseOption, PLAN_ARGUMENT, stageOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

interface Options {
  readonly stage: string;
  readonly database: string;
  readonly choose?: string;
  readonly failedAt?: Date;
  readonly scenario?: string;
}

/** The plan has no such scenario, so there is nothing to hold the measured times against. */
export class UnknownScenario extends Error {
  override readonly name = 'UnknownScenario';
}

/** `lifeboat restore-test`: restores a recovery point, looks into it, and measures; by the deployed machine. */
export function addRestoreTest(program: Command): void {
  program
    .command('restore-test')
    .description(
      'restore a recovery point into a scratch database, look whether the data came back, and measure',
    )
    .argument('<plan>', PLAN_ARGUMENT)
    .addOption(stageOption())
    .addOption(databaseOption())
    .addOption(
      new Option(
        '--choose <which>',
        'newest, random, or the id of a recovery point; what the plan says without it',
      ).argParser(parseChoice),
    )
    .addOption(
      new Option(
        '--failed-at <time>',
        'when the database was lost, as 2026-11-22T04:00:00Z: RPO and RTO are measured from it, not estimated',
      ).argParser(parseTime),
    )
    .option(
      '--scenario <name>',
      "the plan's scenario whose RPO and RTO are the target; goes with --failed-at",
    )
    .addHelpText(
      'after',
      `
Examples:
  lifeboat restore-test mailblast                   what runs every night, now
  lifeboat restore-test mailblast --choose random   an old recovery point may have rotted
  lifeboat restore-test mailblast --failed-at 2026-11-22T04:00:00Z --scenario database-corruption
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const { database, choose } = options;
        databaseOf(found.plan, database);
        const incident = incidentOf(found.plan, options);
        const workload = await openWorkload(found, options.stage);
        try {
          const input = {
            database,
            startedBy: operator(),
            ...(choose !== undefined && { choose }),
            ...(incident && { incident }),
          };
          return await runAndShow(workload, 'restore-test', input, screen);
        } finally {
          workload.close();
        }
      }),
    );
}

/** The incident that the options speak of; undefined for a test without one. @throws WrongUsage, UnknownScenario */
export function incidentOf(
  plan: Plan,
  { failedAt, scenario }: Pick<Options, 'failedAt' | 'scenario'>,
): Incident | undefined {
  if (scenario !== undefined && !failedAt)
    throw new WrongUsage(
      '--scenario goes with --failed-at <time>: a test without an incident has the scenario of the plan',
    );
  if (scenario !== undefined && !Object.hasOwn(plan.objectives.scenarios, scenario))
    throw new UnknownScenario(
      `the plan has no scenario "${scenario}"; it has: ${Object.keys(plan.objectives.scenarios).join(', ')}`,
    );
  return failedAt && { failedAt: failedAt.toISOString(), ...(scenario !== undefined && { scenario }) };
}

function parseChoice(text: string): string {
  if (text === 'newest' || text === 'random' || begunAt(text)) return text;
  throw new InvalidArgumentError(
    'Expected newest, random, or the id of a recovery point such as 20261122T020000Z-3f9a1c55-0b1c2d3e.',
  );
}

function parseTime(text: string): Date {
  const time = new Date(text);
  // Without a zone it would be the local time of whoever types it.
  if (Number.isNaN(time.getTime()) || !/T.*(Z|[+-]\d\d:\d\d)$/.test(text))
    throw new InvalidArgumentError('Expected a time with its zone, such as 2026-11-22T04:00:00Z.');
  if (time.getTime() > Date.now()) throw new InvalidArgumentError('It has not happened yet.');
  return time;
}
