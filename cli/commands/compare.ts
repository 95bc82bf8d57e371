import type { Command } from 'commander';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { restoreOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { action } from '../action.ts';
import { regionWith } from '../aws/region.ts';
import { EXIT } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { compareCopy } from '../follow/compare-copy.ts';
import { showComparison } from '../render/comparison.ts';
import { shown } from '../render/shown.ts';
import { openWorkload } from '../workload.ts';
import { PLAN_ARGUMENT, regionOption, stageOption } from './options.ts';
import { placeNamed } from './restore.ts';

interface Options {
  readonly stage: string;
  readonly region?: 'primary' | 'standby';
  readonly place?: string;
}

/** There is nothing to compare a copy with where it is. */
export class NoLiveSource extends LifeboatError {
  override readonly name = 'NoLiveSource';
  override readonly kind = 'usage';
}

/** @throws NoLiveSource for the standby Region, which has no way to a source */
export function requireLiveSource({ regions }: Pick<Plan, 'regions'>, region: string): void {
  if (region !== regions.standby) return;
  throw new NoLiveSource(
    `a copy is compared with its live source, which is in ${regions.primary}: nothing in ${region} reaches both`,
    {
      hint:
        'What a restore there compared with its manifest is in its evidence.\n' +
        `To see what a recovery point lacks, restore it in ${regions.primary} as well, and compare that.`,
    },
  );
}

/** `lifeboat compare`: what a restored database lacks against its live source, through the deployed function. */
export function addCompare(program: Command): void {
  program
    .command('compare')
    .description(
      'list what a restored database lacks against its live source, table by table; changes neither',
    )
    .argument('<plan>', PLAN_ARGUMENT)
    .argument('<copy>', 'the restored database: what --into of "lifeboat restore" named')
    .addOption(stageOption())
    .addOption(regionOption())
    .option(
      '--place <name>',
      'the place of the plan that it was restored to (restores:); not needed where it has one',
    )
    .addHelpText(
      'after',
      `
Before you switch to a restored database, or take rows out of it, see what it lacks:
  lacking   rows that only the source has: written since the recovery point, or lost
  extra     rows that only the copy has: deleted in the source since. After a wrong DELETE these are the ones to bring back
  changed   rows of the same key with other values; without a key such a row counts as lacking and as extra

The source goes on working: each table is compared as it is at that moment. Values are hashed in the servers, so none of them
leaves there. Each table of the source is read whole, as a backup reads it, and DDL on the tables waits meanwhile.

Examples:
  lifeboat compare mailblast mailblast_restored
  lifeboat compare mailblast before_the_mistake --json | jq '.tables[] | select(.extra > 0)'

Exit codes:
  0    compared to the end, whatever was found
  2    wrong call, wrong plan, no such restored database, or nothing deployed where it was looked for
  3    not compared to the end
  130  Ctrl-C`,
    )
    .action(
      action<readonly [string, string], Options>(async ({ args: [name, copy], options, screen }) => {
        const found = await findPlan(name);
        const restore = placeNamed(found.plan, options.place);
        const region = regionWith(options.region, found.plan.regions);
        requireLiveSource(found.plan, region);
        const workload = await openWorkload(found, options.stage, { region });
        try {
          const { database } = restoreOf(found.plan, restore).from;
          screen.aside(shown`Comparing ${copy} with ${found.plan.workload}/${database}`);
          const compared = await compareCopy(workload, { restore, copy }, (done, total) =>
            screen.aside(shown`${done} of ${total} tables compared`),
          );
          const comparison = { copy, ...compared };
          showComparison(screen, comparison);
          return { exitCode: EXIT.good, document: comparison };
        } finally {
          workload.close();
        }
      }),
    );
}
