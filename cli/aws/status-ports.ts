import { rdsPointsOf } from '../../shared/backup/open-rds-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import type { StatusPorts } from '../../shared/status/gather.ts';
import { snsEmails } from '../../shared/status/sns-emails.ts';
import { stepFunctions } from '../../shared/status/step-functions.ts';
import type { Workload } from '../workload.ts';

/** The sources of a deployed workload's status. */
export function statusPorts({ plan, journal, vault, clients, deployment }: Workload): StatusPorts {
  return {
    plan,
    journal,
    vault,
    rdsPoints: rdsPointsOf(plan, deployment.stackName, clients.rdsIn),
    executions: stepFunctions(clients.sfn),
    accountsOf: (runId) =>
      accountStore(clients.dynamodb, deployment.journalTable, {
        workload: plan.workload,
        runId,
        clock: systemClock,
      }),
    listEmails: snsEmails(clients.sns, deployment.topics),
    openQueue: (name) => sqsQueue(clients.sqs, name),
  };
}
