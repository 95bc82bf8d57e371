import type { Command } from 'commander';
import { systemClock } from '../../shared/clock/clock.ts';
import { gatherStatus } from '../../shared/status/gather.ts';
import { action } from '../action.ts';
import { statusPorts } from '../aws/status-ports.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { notTaken } from '../render/plan-summary.ts';
import { showStatus } from '../render/status.ts';
import { openWorkload } from '../workload.ts';
import { PLAN_ARGUMENT, stageOption } from './options.ts';

interface Options {
  readonly stage: string;
}

/** `lifeboat status`: the recovery points, whether a restore proved them, the messages waiting for replay, and the runs. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description(
      'show what there is to restore from, whether that was proven, what waits to be replayed, and what ran or runs',
    )
    .argument('[plan]', PLAN_ARGUMENT)
    .addOption(stageOption())
    .addHelpText(
      'after',
      `
Examples:
  lifeboat status mailblast
  lifeboat status mailblast --stage staging --json
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const workload = await openWorkload(found, options.stage);
        try {
          const now = systemClock.now();
          const status = await gatherStatus(statusPorts(workload), now);
          showStatus(screen, workload, status, now);
          return { exitCode: EXIT.good, document: { ...status, notTaken: notTaken(found.plan) } };
        } finally {
          workload.close();
        }
      }),
    );
}
