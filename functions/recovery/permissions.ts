import { allow, LEDGER, queues, type Statement } from '../../resources/iam.ts';
import type { Plan } from '../../shared/plan/schema.ts';

export function startReplay(plan: Plan): Statement[] {
  const deadLetters = queues(Object.values(plan.replays).map((queue) => queue.deadLetters));
  return [
    // Powertools records in the ledger which requests have started a replay.
    allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], [LEDGER]),
    // A start with `ifNeeded` checks whether the queue is empty.
    allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], deadLetters),
    allow(['states:StartExecution'], [{ Ref: 'ReplayMachine' }]),
  ];
}
