import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { readLambdas } from '../../resources/capabilities.ts';
import { deriveFunctions } from '../../resources/functions.ts';
import { deriveMachines } from '../../resources/machines.ts';
import { Incident } from '../../shared/evidence/incident.ts';
import { parseDuration } from '../../shared/plan/values/duration.ts';
import { ReplayOptions } from '../../shared/replay/options.ts';
import { leaseOf } from '../../shared/replay/worker/lease-duration.ts';
import { fileOf, machines } from '../../state-machines/source/machines.ts';
import { load } from '../simulator/asl/load.ts';
import { planOf } from '../unit/resources/plan-fixture.ts';
import { type Costs, costliest, transitions } from './costliest-run.ts';
import { contracts } from './functions.ts';
import {
  everyState,
  integrationOf,
  machineNames,
  readDefinition,
  type StateDefinition,
  type StateGraph,
  substitutions,
  transient,
} from './machine-under-test.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly StateMachineName: { readonly 'Fn::Sub': string };
    readonly Definition: string;
    readonly DefinitionSubstitutions: Readonly<Record<string, unknown>>;
    readonly RoleArn: unknown;
    readonly Policies: readonly {
      readonly PolicyName: string;
      readonly PolicyDocument: { readonly Statement: readonly Statement[] };
    }[];
  };
}

interface DeployedFunction {
  readonly handler: string;
  readonly timeout: number;
  readonly vpc?: unknown;
}

const Resources = deriveMachines(planOf()).Resources as Readonly<Record<string, Resource>>;
const functions = deriveFunctions(readLambdas(), { subnetIds: [], securityGroupIds: [] }, 3_008) as Readonly<
  Record<string, DeployedFunction>
>;
/** The formatter pads the columns of its tables. */
const readme = readFileSync(new URL('../../state-machines/README.md', import.meta.url), 'utf8').replace(
  / +\|/g,
  ' |',
);

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and …/concepts-xray-tracing.html */
const observing = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

/** The actions a task needs in its role, and the argument that names the resource. */
const permissions: Readonly<Record<string, readonly [action: string, argument: string]>> = {
  'lambda:invoke': ['lambda:InvokeFunction', 'FunctionName'],
  'dynamodb:putItem': ['dynamodb:PutItem', 'TableName'],
  'dynamodb:updateItem': ['dynamodb:UpdateItem', 'TableName'],
  'dynamodb:deleteItem': ['dynamodb:DeleteItem', 'TableName'],
  'states:startExecution': ['states:StartExecution', 'StateMachineArn'],
  'sns:publish': ['sns:Publish', 'TopicArn'],
};

/** The longest time, in seconds, of each expression that a machine waits by. */
const longestWaits: Readonly<Record<string, number>> = {
  30: 30,
  60: 60,
  '{% $lease %}':
    leaseOf({ function: { name: 'the slowest of targets', timeout: parseDuration('5m') } }) / 1_000,
};

/** The longest time of a state in seconds: every attempt at its full time, every retry at its full delay. */
const seconds: Costs = {
  of: ({ Type, Seconds = '', TimeoutSeconds = 0, Retry = [] }) => {
    if (Type === 'Wait') return longestWaits[Seconds] ?? Number.POSITIVE_INFINITY;
    const retries = Retry.flatMap(({ ErrorEquals, MaxAttempts, MaxDelaySeconds, ...pause }) =>
      Array.from({ length: MaxAttempts }, (_, retry) => ({
        wait: Math.min(
          pause.IntervalSeconds * pause.BackoffRate ** retry,
          MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
        ),
        attempt: refusesAtOnce(ErrorEquals) ? 1 : TimeoutSeconds,
      })),
    );
    return retries.reduce((sum, { wait, attempt }) => sum + wait + attempt, TimeoutSeconds);
  },
  // All at the same time.
  iterations: (_, each) => each,
};

/** Lambda refuses to invoke a function that is asleep, or one more than it may. It waits for neither. */
function refusesAtOnce(errors: readonly string[]): boolean {
  const refused: readonly string[] = [...transient.asleep, ...transient.throttled];
  return errors.every((error) => refused.includes(error));
}

/**
 * The most events that a state leaves in the history: it is entered and left, and each attempt is scheduled, started and ends.
 * A Map starts and ends, and so does each iteration. https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
const events: Costs = {
  of: ({ Type, Retry = [] }) =>
    2 + (Type === 'Task' ? 3 * (1 + Retry.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0)) : 0),
  iterations: ({ MaxConcurrency = Number.POSITIVE_INFINITY }, each) => 2 + MaxConcurrency * (2 + each),
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_EVENTS = 25_000;

/** The only allowed ways to read a cause, which may be empty or missing: whole, or the beginning for many workers. */
const WHOLE_CAUSE = '$states.errorOutput.Cause ? $states.errorOutput.Cause : null';
const CUT_CAUSE = '$states.errorOutput.Cause ? $substring($states.errorOutput.Cause, 0, 500) : null';

const substitutionIn = (text: unknown): string => /^\$\{(\w+)\}$/.exec(String(text))?.[1] ?? '';
const sorted = (items: Iterable<unknown>): string[] =>
  [...new Set([...items].map((item) => JSON.stringify(item)))].sort();

test('every machine that there is has a source and a file, and no file is left over', () => {
  const files = globSync('state-machines/*.asl.json').map((file) => path.basename(file, '.asl.json'));
  expect(sorted(Object.keys(machines))).toEqual(sorted(machineNames));
  expect(sorted(files)).toEqual(sorted(machineNames));
});

describe.each(machineNames)('the machine %s', (name) => {
  const definition = readDefinition(name);
  const text = JSON.stringify(definition);
  const states = everyState(definition);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');
  const failing = states.filter(([, { Type }]) => Type === 'Task' || Type === 'Map');
  const resource = resourceOf(name);

  test('is what npm run machines writes', () => {
    const written = readFileSync(new URL(`../../state-machines/${name}.asl.json`, import.meta.url), 'utf8');
    expect(written).toBe(fileOf(machines[name]));
  });

  test('is valid by asl-validator', () => {
    // The validator knows no substitutions, and modifies its argument.
    const filled = JSON.parse(text.replaceAll(`\${Partition}`, 'aws'));
    const { isValid, errorsText } = validate(filled);
    expect(isValid, errorsText('\n')).toBe(true);
  });

  test('has no blank before {% or after %}: AWS would take the expression as text', () => {
    const strings = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inner = '']) => inner);
    expect(strings.filter((each) => /^\s+\{%|%\}\s+$/.test(each))).toEqual([]);
    expect(strings.filter((each) => each.startsWith('{%') !== each.endsWith('%}'))).toEqual([]);
  });

  test('holds no null, which osls would drop when it packages the template', () => {
    expect(nullsIn(definition)).toEqual([]);
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov'])('calls the services of the partition %s', (partition) => {
    expect(resource.DefinitionSubstitutions.Partition).toEqual({ Ref: 'AWS::Partition' });
    const machine = load(definition, { ...substitutions, Partition: partition });
    const called = everyState(machine as StateGraph).flatMap(([, { Resource: service }]) => service ?? []);
    expect(called).toHaveLength(tasks.length);
    for (const service of called) expect(service).toMatch(`arn:${partition}:states:::`);
  });

  test('hands on nothing whole: only states that get the input read it, field by field', () => {
    // The check of the input looks at all of it, and hands on nothing.
    const handingOn = states.filter(([state]) => !['Check the input', 'InputInvalid'].includes(state));
    expect(JSON.stringify(handingOn)).not.toMatch(/\$states\.(?:input|context|errorOutput)(?!\.\w)/);
    const reading = states.filter(([, state]) => readsInput(state));
    const { StartAt, States } = definition;
    // A Choice passes on its input.
    const getIt = [StartAt];
    for (const state of getIt) {
      const { Type, ...routes } = States[state] as StateDefinition;
      if (Type === 'Choice') getIt.push(...transitions({ Type, ...routes }));
    }
    expect(StartAt).toBe('Check the input');
    expect(reading.length).toBeGreaterThan(0);
    expect(reading.map(([state]) => state).filter((state) => !getIt.includes(state))).toEqual([]);
  });

  test('takes of an answer what a function returned, a field of a service, and of a Map what its own states hand on', () => {
    for (const [state, { ItemProcessor, ...own }] of states) {
      const used = [...JSON.stringify(own).matchAll(/\$states\.result\b(?:\.(\w+))?/g)].map(
        ([, field]) => field,
      );
      if (ItemProcessor) continue;
      if (integrationOf(own) === 'lambda:invoke')
        expect(new Set(used), state).toEqual(new Set(used.length > 0 ? ['Payload'] : []));
      else expect(used, state).not.toContain(undefined);
    }
  });

  test('assigns in an order in which nothing reads what stands above it', () => {
    // All values should be from before the state, but the local Step Functions assigns one by one.
    for (const [state, { Assign = {}, Catch = [], Choices = [] }] of states) {
      for (const names of [Assign, ...[...Catch, ...Choices].map((part) => part.Assign ?? {})]) {
        Object.entries(names).forEach(([, value], index, all) => {
          const above = all.slice(0, index).map(([name]) => name);
          const read = [...JSON.stringify(value).matchAll(/\$(\w+)/g)].map(([, name]) => name ?? '');
          expect(
            read.filter((name) => above.includes(name)),
            state,
          ).toEqual([]);
        });
      }
    }
  });

  test('names exactly the substitutions that the template gives it', () => {
    const named = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, substitution]) => substitution);
    expect(sorted(named)).toEqual(sorted(Object.keys(resource.DefinitionSubstitutions)));
  });

  test('calls functions by the names that the template and their contracts have for them', () => {
    for (const [state, task] of tasks) {
      const { Arguments } = task;
      if (integrationOf(task) !== 'lambda:invoke') continue;
      const substitution = substitutionIn(Arguments?.FunctionName);
      expect(resource.DefinitionSubstitutions[substitution], state).toEqual({
        'Fn::GetAtt': [`${substitution}LambdaFunction`, 'Arn'],
      });
      expect(deployed(substitution).handler, state).toBe(
        `dist/${contracts.get(substitution)?.name}/index.handler`,
      );
    }
  });

  test('may do by its role what its tasks do, and be observed, and nothing else', () => {
    const needed = tasks.map(([, task]) => {
      const { Arguments = {} } = task;
      // An execution that claimed the run before: one of this machine, whose name nobody knows in advance.
      if (integrationOf(task) === 'aws-sdk:sfn:describeExecution')
        return ['states:DescribeExecution', { 'Fn::Sub': executionsOf(name) }];
      const [action, argument] = permissions[integrationOf(task)] ?? [];
      return [action, targetOf(resource, Arguments[argument ?? ''])];
    });
    const [own, observability, ...others] = roleOf(name);
    expect(own?.PolicyName).toBe('tasks');
    expect(sorted(own ? allowed(own.PolicyDocument.Statement) : [])).toEqual(sorted(needed));
    expect(observability?.PolicyName).toBe('observability');
    expect(sorted(observability ? allowed(observability.PolicyDocument.Statement) : [])).toEqual(
      sorted(observing.map((action) => [action, '*'])),
    );
    expect(others).toEqual([]);
  });

  test('tries again only after errors that go by themselves', () => {
    const known: readonly string[] = Object.values(transient).flat();
    const retried = tasks.flatMap(([, { Retry = [] }]) => Retry.flatMap(({ ErrorEquals }) => ErrorEquals));
    expect(retried.filter((error) => !known.includes(error))).toEqual([]);
  });

  test.each(tasks)("retries, and waits no longer than its own limit in '%s'", (_, task) => {
    expect(task.Retry?.length).toBeGreaterThan(0);
    // Also the direct integrations, which respond in milliseconds: without a limit Step Functions waits for years.
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    if (integrationOf(task) !== 'lambda:invoke') return;
    // A function that times out reports it itself, before the machine abandons it.
    const { timeout } = deployed(substitutionIn(task.Arguments?.FunctionName));
    expect(task.TimeoutSeconds).toBeGreaterThanOrEqual(timeout + 30);
  });

  test('wakes every function in the network of the plan: Lambda takes the network from one that is idle for weeks', () => {
    const inNetwork = tasks.filter(
      ([, task]) =>
        integrationOf(task) === 'lambda:invoke' &&
        deployed(substitutionIn(task.Arguments?.FunctionName)).vpc !== undefined,
    );
    const woken = tasks.filter(([, { Retry = [] }]) =>
      Retry.some(({ ErrorEquals }) => ErrorEquals.includes(transient.asleep[0])),
    );
    // The canary has just woken the workers' function, and forty more attempts a round would fill the history.
    expect(sorted(woken.map(([state]) => state))).toEqual(
      sorted(inNetwork.map(([state]) => state).filter((state) => state !== 'Drain a share')),
    );
  });

  test.each(failing)("catches whatever else fails in '%s'", (_, { Catch = [] }) => {
    expect(Catch.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
  });

  test('has time for the slowest run that its tasks, their retries and its rounds allow', () => {
    expect(costliest(definition, seconds)).toBeLessThan(definition.TimeoutSeconds);
  });

  test('holds a lock until its next round at the latest, whatever is retried', () => {
    const locked = JSON.stringify(definition.States).match(/\$millis\(\) \+ (\d+)/)?.[1];
    expect(locked !== undefined).toBe(name === 'replay');
    if (locked === undefined) return;
    // The round ends where the machine would lock the queue again.
    const again = JSON.stringify(definition.States).replace(
      /"(Next|Default)":"Lock the queue"/g,
      '"$1":"Locked again"',
    );
    const round = {
      ...(JSON.parse(again) as StateGraph['States']),
      'Locked again': { Type: 'Succeed' as const },
    };
    const longest = costliest({ StartAt: 'Lock the queue', States: round }, seconds);
    expect(longest).toBeGreaterThan(3_600);
    expect(longest).toBeLessThan(Number(locked) / 1_000);
  });

  test('leaves a history that Step Functions takes, however often its tasks are retried', () => {
    expect(costliest(definition, events)).toBeLessThan(MOST_EVENTS);
  });

  test('parses no cause: an error within a catcher would end the run without a record', () => {
    expect(text).not.toContain('$parse');
    for (const [state, { Catch = [] }] of failing) {
      for (const catcher of Catch) {
        const rest = JSON.stringify(catcher).replaceAll(WHOLE_CAUSE, '').replaceAll(CUT_CAUSE, '');
        expect(rest, state).not.toContain('errorOutput.Cause');
      }
    }
  });

  test('fails under the name of the state in which it ends, with a cause', () => {
    const ends = states.filter(([, { Type }]) => Type === 'Fail');
    for (const [state, { Error: error, Cause }] of ends) {
      expect(error).toBe(state);
      expect(Cause, state).toMatch(/^\{% .+ %\}$/);
    }
  });

  test('is drawn in the README as it is: every state, every transition, and no other', () => {
    const diagram = sectionOf(name).match(/```mermaid\n(.*?)```/s)?.[1] ?? '';
    const drawn = new Map(
      [...diagram.matchAll(/^ *(?:subgraph )?(\w+)(?:\[|\{|\(\[)"(.+?)"(?:\]\)|\}|\])$/gm)].map(
        ([, id, label]) => [id, label],
      ),
    );
    const arrows = [...diagram.matchAll(/^ *(\w+) -->(?:\|.+?\|)? (\w+)$/gm)];
    expect(sorted(drawn.values())).toEqual(sorted(states.map(([state]) => state)));
    expect(sorted(arrows.map(([, from, to]) => [drawn.get(from), drawn.get(to)]))).toEqual(
      sorted(states.flatMap(([state, it]) => transitions(it).map((next) => [state, next]))),
    );
  });

  test('has in the README every input, every variable and every end', () => {
    const inputs = [...text.matchAll(/\$states\.input\.(\w+)/g)].map(([, field]) => field);
    expect(sorted(firstColumn(name, 'Input'))).toEqual(sorted(inputs));
    const variables = states.flatMap(([, { Assign = {}, Catch = [], Choices = [] }]) =>
      [Assign, ...[...Catch, ...Choices].map((part) => part.Assign ?? {})].flatMap((names) =>
        Object.keys(names),
      ),
    );
    expect(sorted(firstColumn(name, 'Variable'))).toEqual(sorted(variables));
    const ends = states
      .filter(([, { Type }]) => Type === 'Fail' || Type === 'Succeed')
      .map(([state]) => state);
    expect(sorted(firstColumn(name, 'End'))).toEqual(sorted(ends));
  });

  test('takes the inputs that the README gives it by hand, and calls optional what it can do without', () => {
    const inputs = [...text.matchAll(/\$states\.input\.(\w+)/g)].map(([, field]) => field ?? '');
    const optional = [...text.matchAll(/\$exists\(\$states\.input\.(\w+)\)/g)].map(
      ([, field]) => field ?? '',
    );
    const saidOptional = [...sectionOf(name).matchAll(/^\| `(\w+)` \| optional: /gm)].map(
      ([, field]) => field,
    );
    expect(sorted(saidOptional)).toEqual(sorted(optional));
    const required = inputs.filter((field) => !optional.includes(field));
    const examples = [...sectionOf(name).matchAll(/--input '(.+?)'/g)].map(([, json]) =>
      JSON.parse(json ?? ''),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const given = Object.keys(example);
      expect(given.filter((field) => !inputs.includes(field))).toEqual([]);
      expect(required.filter((field) => !given.includes(field))).toEqual([]);
      if (example.incident) expect(Incident.parse(example.incident)).toEqual(example.incident);
      if (example.options) expect(ReplayOptions.parse(example.options)).toEqual(example.options);
    }
  });

  test('has in the README the route of every error that it tells from others', () => {
    for (const [state, { Catch = [] }] of failing) {
      for (const { ErrorEquals, Assign = {} } of Catch) {
        const anything = Catch.length === 1 ? 'any' : 'any other';
        const errors = ErrorEquals[0] === 'States.ALL' ? anything : ErrorEquals.join(', ');
        const outcome = Assign.outcome ?? (Assign.reason ? 'failed' : 'as it was');
        expect(sectionOf(name)).toContain(`| ${state} | ${errors} | ${outcome} |`);
      }
    }
  });
});

const executionsOf = (name: string) =>
  `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:execution:\${AWS::StackName}-${name}:*`;

function resourceOf(name: string): Resource['Properties'] {
  const found = Object.values(Resources).find(
    ({ Properties }) => Properties.Definition === `\${file(state-machines/${name}.asl.json)}`,
  );
  if (!found) throw new Error(`no machine is deployed of ${name}.asl.json`);
  return found.Properties;
}

function roleOf(name: string): Resource['Properties']['Policies'] {
  const [role = '', attribute] = (resourceOf(name).RoleArn as Record<string, string[]>)['Fn::GetAtt'] ?? [];
  expect(attribute).toBe('Arn');
  const { Type, Properties } = Resources[role] as Resource;
  expect(Type).toBe('AWS::IAM::Role');
  expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  return Properties.Policies;
}

/** Every pair of action and resource that the statements allow. */
function allowed(statements: readonly Statement[]): unknown[] {
  return statements.flatMap(({ Effect, Action, Resource: resources, ...rest }) => {
    expect([Effect, rest]).toEqual(['Allow', {}]);
    return [Action].flat().flatMap((action) => [resources].flat().map((target) => [action, target]));
  });
}

/** The resource name that a policy uses for a task's argument. */
function targetOf(
  { DefinitionSubstitutions, StateMachineName }: Resource['Properties'],
  argument: unknown,
): unknown {
  if (argument === '{% $states.context.StateMachine.Id %}') {
    const name = StateMachineName['Fn::Sub'];
    return {
      'Fn::Sub': `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:${name}`,
    };
  }
  const target = DefinitionSubstitutions[substitutionIn(argument)];
  const reference = (target as { Ref?: string } | undefined)?.Ref ?? '';
  // A topic's `Ref` is its ARN, a table's is not.
  return ['Journal', 'Ledger'].includes(reference) ? { 'Fn::GetAtt': [reference, 'Arn'] } : target;
}

function deployed(substitution: string): DeployedFunction {
  const found = functions[substitution.charAt(0).toLowerCase() + substitution.slice(1)];
  if (!found) throw new Error(`no functions.yml has ${substitution}`);
  return found;
}

function nullsIn(value: unknown, path = '$'): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => nullsIn(inner, `${path}.${key}`));
}

function readsInput({ ItemProcessor: _, ...own }: StateDefinition): boolean {
  return JSON.stringify(own).includes('$states.input');
}

function sectionOf(name: string): string {
  return readme.split(/^## /m).find((section) => section.startsWith(`${name}\n`)) ?? '';
}

/** The names in code quotes in the first column of the table with this heading. */
function firstColumn(name: string, heading: string): string[] {
  const table = sectionOf(name).split(`| ${heading} |`)[1]?.split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, first]) => first ?? '');
}
