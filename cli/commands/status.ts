import type { Command } from 'commander';
import { systemClock } from '../../shared/clock/clock.ts';
import { gatherStatus } from '../../shared/status/gather.ts';
import { action } from '../action.ts';
import { gatherFailover } from '../aws/failover.ts';
import { regionWith } from '../aws/region.ts';
import { gatherReplicas } from '../aws/replicas.ts';
import { gatherReplication } from '../aws/replication.ts';
import { statusPorts } from '../aws/status-ports.ts';
import { EXIT, EXIT_CODES_HELP } from '../exit-code.ts';
import { findPlan } from '../find-plan.ts';
import { showFailover } from '../render/failover.ts';
import { notTaken } from '../render/plan-summary.ts';
import { showReplicas } from '../render/replicas.ts';
import { showReplication } from '../render/replication.ts';
import { showStatus } from '../render/status.ts';
import { openWorkload } from '../workload.ts';
import { PLAN_ARGUMENT, regionOption, stageOption } from './options.ts';

interface Options {
  readonly stage: string;
  readonly region?: 'primary' | 'standby';
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
    .addOption(regionOption())
    .addHelpText(
      'after',
      `
Examples:
  lifeboat status mailblast
  lifeboat status mailblast --stage staging --json
  lifeboat status mailblast --region standby    when the primary Region is lost
${EXIT_CODES_HELP}`,
    )
    .action(
      action<readonly [string | undefined], Options>(async ({ args: [name], options, screen }) => {
        const found = await findPlan(name);
        const workload = await openWorkload(found, options.stage, {
          region: regionWith(options.region, found.plan.regions),
        });
        try {
          const now = systemClock.now();
          const [status, replication, replicas] = await Promise.all([
            gatherStatus(statusPorts(workload), now),
            gatherReplication(workload, now),
            gatherReplicas(workload),
          ]);
          const failover = await gatherFailover(workload, { losses: status.losses, replicas }, now);
          showStatus(screen, workload, status, now);
          showFailover(screen, workload, failover, now);
          showReplicas(screen, workload, replicas);
          showReplication(screen, workload, replication);
          return {
            exitCode: EXIT.good,
            document: { ...status, replication, replicas, failover, notTaken: notTaken(found.plan) },
          };
        } finally {
          workload.close();
        }
      }),
    );
}
