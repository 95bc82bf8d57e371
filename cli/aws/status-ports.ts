import { rdsPointsOf } from '../../shared/backup/open-rds-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { inStandby } from '../../shared/standby/plan-in-standby.ts';
import type { Executions } from '../../shared/status/executions.ts';
import type { StatusPorts } from '../../shared/status/gather.ts';
import { snsEmails } from '../../shared/status/sns-emails.ts';
import { stepFunctions } from '../../shared/status/step-functions.ts';
import type { Workload } from '../workload.ts';

/** The sources of a deployed workload's status. */
export function statusPorts({ plan, region, journal, vault, clients, deployment }: Workload): StatusPorts {
  const ports: StatusPorts = {
    plan,
    journal,
    vault,
    rdsPoints: rdsPointsOf(plan, deployment.stackName, clients.rdsIn),
    executions: inRegion(region, plan.regions, stepFunctions(clients.sfn)),
    accountsOf: (runId) =>
      accountStore(clients.dynamodb, deployment.journalTable, {
        workload: plan.workload,
        runId,
        clock: systemClock,
      }),
    listEmails: snsEmails(clients.sns, deployment.topics),
    openQueue: (name) => sqsQueue(clients.sqs, name),
  };
  return region === plan.regions.standby ? inStandby(ports) : ports;
}

/** The journal of two Regions names executions of both. Those of the other one are not asked for: it may be lost. */
function inRegion(region: string, { primary, standby }: Plan['regions'], executions: Executions): Executions {
  const other = region === standby ? primary : standby;
  return {
    ...executions,
    stateOf: async (arn) =>
      arn.split(':')[3] === other ? { kind: 'elsewhere', region: other } : executions.stateOf(arn),
  };
}
