import { type Command, InvalidArgumentError, Option } from 'commander';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { restoreTest as kind } from '../../shared/run/kinds/restore-test.ts';
import { action } from '../action.ts';
import { regionWith } from '../aws/region.ts';
import { EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { operator } from '../follow/run-id.ts';
import { startMachine } from '../follow/run-machine.ts';
import { openWorkload } from '../workload.ts';
import { failedAtOption, type IncidentOptions, incidentOf, scenarioOption } from './incident.ts';
import { namedOrOnly } from './only-one.ts';
import { isPointId, labelOption, PLAN_ARGUMENT, regionOption, stageOption } from './options.ts';
import { runAndShow } from './run-and-show.ts';

interface Options extends IncidentOptions {
  readonly stage: string;
  readonly test?: string;
  readonly region?: 'primary' | 'standby';
  readonly choose?: string;
  readonly label?: string;
}

/**
 * `lifeboat restore-test`: restores a recovery point, validates it and measures the times,
 * through the deployed machine.
 */
export function addRestoreTest(program: Command): void {
  program
    .command('restore-test')
    .description(
      'restore a recovery point into a scratch database, look whether the data came back, and measure',
    )
    .argument('[plan]', PLAN_ARGUMENT)
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--test <name>', 'a restore test of the plan; not needed where it has one')
    .addOption(
      new Option(
        '--choose <which>',
        'newest, random, or the id of a recovery point; what the plan says without it',
      ).argParser(parseChoice),
    )
    .addOption(
      labelOption('the newest recovery point that has this label, verified or not').conflicts('choose'),
    )
    .addOption(failedAtOption('the database was lost'))
    .addOption(scenarioOption())
    .addHelpText(
      'after',
      `
Examples:
  lifeboat restore-test mailblast                   what runs every night, now
  lifeboat restore-test mailblast --test nightly    where the plan has several
  lifeboat restore-test mailblast --choose random   an old recovery point may have rotted
  lifeboat restore-test mailblast --label before-upgrade
  lifeboat restore-test mailblast --region standby  from the copy in the standby Region, by what stands there
  lifeboat restore-test mailblast --failed-at 2026-11-22T04:00:00Z --scenario database-corruption
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const { choose, label } = options;
        const restoreTest = restoreTestNamed(found.plan, options.test);
        const incident = incidentOf(found.plan, options);
        const workload = await openWorkload(found, options.stage, {
          region: regionWith(options.region, found.plan.regions),
        });
        try {
          const input = {
            restoreTest,
            startedBy: operator(),
            ...(choose !== undefined && { choose }),
            ...(label !== undefined && { label }),
            ...(incident && { incident }),
          };
          return await runAndShow(workload, restoreTest, () => startMachine(workload, kind, input), screen);
        } finally {
          workload.close();
        }
      }),
    );
}

/** The selected restore test: the named one, or the plan's only one. @throws NotInPlan, WrongUsage */
export function restoreTestNamed(plan: Plan, named: string | undefined): string {
  const choice = { one: 'restore test', several: 'restore tests', by: '--test' };
  const restoreTest = namedOrOnly(plan, named, Object.keys(plan.restoreTests), choice);
  restoreTestOf(plan, restoreTest);
  return restoreTest;
}

function parseChoice(text: string): string {
  if (text === 'newest' || text === 'random' || isPointId(text)) return text;
  throw new InvalidArgumentError(
    'Expected newest, random, or the id of a recovery point such as 20261122T020000Z-3f9a1c55-0b1c2d3e.',
  );
}
