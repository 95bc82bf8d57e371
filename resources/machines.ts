import { readFileSync } from 'node:fs';
import path from 'node:path';
import { instanceRestoresOf, instanceTestsOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat } from '../shared/plan/sections/backups.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import type { State, StateMachine, Task } from '../state-machines/source/asl.ts';
import { machines } from '../state-machines/source/machines.ts';
import { allow, JOURNAL, LEDGER, type Resource, type Statement } from './iam.ts';
import { hasMachine } from './in-standby.ts';
import { logicalId } from './named-resources.ts';
import type { TemplatePart } from './read-part.ts';

const folder = path.resolve(import.meta.dirname, '..', 'state-machines');

/** Every machine of a stack, each with an execution log and a role limited to what its tasks do. */
export function deriveMachines(plan: Plan, role: StackRole = 'alone'): TemplatePart {
  const parts = Object.keys(machines)
    .filter((kind) => hasMachine(role, kind))
    .map((kind) => deriveMachine(kind, plan));
  return {
    Resources: Object.assign({}, ...parts.map(({ Resources }) => Resources)),
    Outputs: Object.assign({}, ...parts.map(({ Outputs }) => Outputs)),
  };
}

function deriveMachine(kind: string, plan: Plan): TemplatePart {
  const text = readFileSync(path.join(folder, `${kind}.asl.json`), 'utf8');
  const definition = JSON.parse(text) as StateMachine;
  const id = `${logicalId(kind)}Machine`;
  return {
    Resources: {
      [id]: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: { 'Fn::Sub': `\${AWS::StackName}-${kind}` },
          RoleArn: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
          Definition: `\${file(state-machines/${kind}.asl.json)}`,
          DefinitionSubstitutions: substitutionsOf(text, plan),
          TracingConfiguration: { Enabled: true },
          LoggingConfiguration: {
            Level: 'ALL',
            // A cause can quote a value of a row: docs/decisions/0018. The history keeps it, behind states:GetExecutionHistory.
            // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
            IncludeExecutionData: false,
            Destinations: [
              { CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': [`${id}Log`, 'Arn'] } } },
            ],
          },
        },
      },
      [`${id}Log`]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: { 'Fn::Sub': `/aws/vendedlogs/states/\${AWS::StackName}-${kind}` },
          RetentionInDays: 90,
        },
      },
      [`${id}Role`]: roleOf(kind, definition),
    },
    Outputs: { [`${id}Arn`]: { Value: { Ref: id }, Description: definition.Comment } },
  };
}

/** The value of each `${Name}` in a definition: a resource of the stack, or else the Lambda of that name. */
function substitutionsOf(definition: string, plan: Plan): Record<string, unknown> {
  const known: Readonly<Record<string, unknown>> = {
    Partition: { Ref: 'AWS::Partition' },
    Workload: plan.workload,
    SnapshotBackups: backupsBy('rdsSnapshot', plan),
    PointInTimeBackups: backupsBy('pointInTime', plan),
    InstanceRestoreTests:
      instanceTestsOf(plan)
        .map(([name]) => name)
        .join(' ') || 'none',
    InstanceRestores:
      instanceRestoresOf(plan)
        .map(([name]) => name)
        .join(' ') || 'none',
    JournalTable: { Ref: 'Journal' },
    LedgerTable: { Ref: 'Ledger' },
    AlertsTopic: { Ref: 'AlertsTopic' },
  };
  const names = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name));
  return Object.fromEntries([...names].map((name) => [name, known[name] ?? lambdaArn(name)]));
}

/** The backups that the machine takes by a method of RDS: `main/hourly main/daily`. */
function backupsBy(method: 'rdsSnapshot' | 'pointInTime', { databases }: Plan): string {
  const names = Object.entries(databases).flatMap(([database, { backups }]) =>
    Object.entries(backups).flatMap(([name, backup]) =>
      isTakenByLifeboat(backup) && method in backup ? [`${database}/${name}`] : [],
    ),
  );
  return names.join(' ') || 'none';
}

function roleOf(kind: string, definition: StateMachine): object {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'states.amazonaws.com' },
            Action: 'sts:AssumeRole',
            // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: { 'aws:SourceArn': itself(kind) },
            },
          },
        ],
      },
      Policies: [
        policy('tasks', permissionsOf(kind, definition)),
        policy('observability', [DELIVER_LOGS, SEND_TRACES]),
      ],
    },
  };
}

function policy(PolicyName: string, Statement: readonly Statement[]): object {
  return { PolicyName, PolicyDocument: { Version: '2012-10-17', Statement } };
}

/** One statement for each action of the tasks, with the resources that they name. */
function permissionsOf(kind: string, definition: StateMachine): Statement[] {
  const resources = new Map<string, Map<string, Resource>>();
  for (const task of tasksOf(Object.values(definition.States))) {
    const [action, resource] = permissionOf(kind, task);
    const known = resources.get(action) ?? new Map<string, Resource>();
    resources.set(action, known.set(JSON.stringify(resource), resource));
  }
  return [...resources].map(([action, known]) => allow([action], [...known.values()]));
}

function tasksOf(states: readonly State[]): Task[] {
  return states.flatMap((state) => {
    if (state.Type === 'Map') return tasksOf(Object.values(state.ItemProcessor.States));
    return state.Type === 'Task' ? [state] : [];
  });
}

/** The permissions that a task needs. @throws Error for a service that no machine has called before */
function permissionOf(kind: string, { Resource: service, Arguments }: Task): [action: string, on: Resource] {
  const named = (argument: string) => /^\$\{(\w+)\}$/.exec(String(Arguments[argument]))?.[1] ?? '';
  const table = () => (named('TableName') === 'LedgerTable' ? LEDGER : JOURNAL);
  switch (service.split(':::')[1]) {
    case 'lambda:invoke':
      return ['lambda:InvokeFunction', lambdaArn(named('FunctionName'))];
    case 'dynamodb:putItem':
      return ['dynamodb:PutItem', table()];
    case 'dynamodb:updateItem':
      return ['dynamodb:UpdateItem', table()];
    case 'dynamodb:deleteItem':
      return ['dynamodb:DeleteItem', table()];
    case 'sns:publish':
      return ['sns:Publish', { Ref: named('TopicArn') }];
    case 'states:startExecution':
      return ['states:StartExecution', itself(kind)];
    case 'aws-sdk:sfn:describeExecution':
      return ['states:DescribeExecution', itself(kind, 'execution', ':*')];
    default:
      throw new Error(`say in resources/machines.ts what a role needs for ${service}`);
  }
}

/** The machine's own ARN, by its name, or that of its executions: the role exists before the machine. */
function itself(kind: string, type = 'stateMachine', rest = ''): Resource {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:${type}:\${AWS::StackName}-${kind}${rest}`,
  };
}

function lambdaArn(name: string): Resource {
  return { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] };
}

/** Neither service supports resource ARNs. https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const DELIVER_LOGS = allow(
  [
    'logs:CreateLogDelivery',
    'logs:GetLogDelivery',
    'logs:UpdateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
    'logs:DescribeLogGroups',
  ],
  ['*'],
);

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const SEND_TRACES = allow(
  ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
  ['*'],
);
