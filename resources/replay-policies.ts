import { databaseOf } from '../shared/plan/lookup.ts';
import type { Queue, Rehydration } from '../shared/plan/queue-schema.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { arns, secretArns } from './arns.ts';

/** A statement of IAM that allows something. */
interface Statement {
  readonly Effect: 'Allow';
  readonly Action: string | string[];
  readonly Resource: object[];
}

/**
 * What the functions of a replay may do with the queues, targets and secrets of the plan, as a policy for each role. What
 * they may do whatever the plan says stands with the roles. IAM takes no statement without a resource, nor a policy
 * without a statement: where the plan names none, there is none.
 */
export function deriveReplayPolicies(plan: Plan): Record<string, object> {
  const queues = Object.values(plan.queues);
  const rehydrations = Object.values(plan.rehydrations);
  const deadLetters = arns(
    'sqs',
    queues.map((queue) => queue.deadLetters),
  );
  const sent = rehydrations.flatMap(({ into }) => ('queue' in into ? [into.queue] : []));
  const targets = queues.map(({ target }) => target);
  const statements = {
    InspectQueue: [
      allow(
        ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'],
        deadLetters,
      ),
    ],
    DrainQueue: [
      allow(
        ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
        deadLetters,
      ),
      allow(
        ['sqs:GetQueueUrl', 'sqs:SendMessage'],
        arns(
          'sqs',
          targets.flatMap((target) => ('queue' in target ? [target.queue] : [])),
        ),
      ),
      allow(
        'sns:Publish',
        arns(
          'sns',
          targets.flatMap((target) => ('topic' in target ? [target.topic] : [])),
        ),
      ),
      allow(
        'lambda:InvokeFunction',
        arns(
          'lambda',
          targets.flatMap((target) => ('function' in target ? [target.function] : [])),
        ),
      ),
      readSecrets([
        ...queues.flatMap(webhookSecrets),
        ...queues.flatMap(({ probe }) => (probe ? databaseSecrets(plan, probe.database) : [])),
      ]),
    ],
    EnsureSubscription: [
      allow(
        ['sns:ListSubscriptionsByTopic', 'sns:GetSubscriptionAttributes', 'sns:Subscribe'],
        arns(
          'sns',
          queues.flatMap(({ subscription }) => (subscription ? [subscription.topic] : [])),
        ),
      ),
      readSecrets(queues.filter(({ subscription }) => subscription).flatMap(webhookSecrets)),
    ],
    RehydrateQueue: [
      allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], arns('sqs', sent)),
      readSecrets([
        ...rehydrations.flatMap(({ database }) => databaseSecrets(plan, database)),
        ...rehydrations.flatMap(redisSecrets),
      ]),
    ],
  };
  return Object.fromEntries(
    Object.entries(statements)
      .map(([role, all]) => [role, all.filter(({ Resource }) => Resource.length > 0)] as const)
      .filter(([, all]) => all.length > 0)
      .map(([role, all]) => [`${role}PlanPolicy`, policyOf(`${role}Role`, all)]),
  );
}

function policyOf(role: string, statements: readonly Statement[]): object {
  return {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'plan',
      Roles: [{ Ref: role }],
      PolicyDocument: { Version: '2012-10-17', Statement: statements },
    },
  };
}

function allow(Action: string | string[], Resource: object[]): Statement {
  return { Effect: 'Allow', Action, Resource };
}

function readSecrets(names: readonly string[]): Statement {
  return allow('secretsmanager:GetSecretValue', secretArns(names));
}

function webhookSecrets({ target }: Queue): string[] {
  if (!('webhook' in target)) return [];
  const { secret, certificateAuthority } = target.webhook;
  return certificateAuthority === undefined ? [secret] : [secret, certificateAuthority];
}

function redisSecrets({ into }: Rehydration): string[] {
  return 'redisList' in into ? [into.redisList.secret] : [];
}

function databaseSecrets(plan: Plan, name: string): string[] {
  const { secret, certificateAuthority } = databaseOf(plan, name);
  return [secret, certificateAuthority];
}
