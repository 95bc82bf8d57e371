import { globSync, readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { Incident } from '../../shared/journal/evidence.ts';
import { contracts } from './functions.ts';
import {
  type Definition,
  machineNames,
  readDefinition,
  type StateDefinition,
  transient,
} from './machine-under-test.ts';
import { readTemplatePart } from './template.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Resource {
  readonly Type: string;
  readonly Properties: {
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

const { Resources } = readTemplatePart('state-machines/machines.yml') as {
  Resources: Readonly<Record<string, Resource>>;
};
const functions = Object.assign(
  {},
  ...globSync('functions/*/functions.yml').map((file) => readTemplatePart(file)),
) as Readonly<Record<string, DeployedFunction>>;
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

/** What a task may do by its role, and the argument that says to what. */
const permissions: Readonly<Record<string, readonly [action: string, argument: string]>> = {
  'arn:aws:states:::lambda:invoke': ['lambda:InvokeFunction', 'FunctionName'],
  'arn:aws:states:::dynamodb:putItem': ['dynamodb:PutItem', 'TableName'],
  'arn:aws:states:::sns:publish': ['sns:Publish', 'TopicArn'],
};

const substitutionIn = (text: unknown): string => /^\$\{(\w+)\}$/.exec(String(text))?.[1] ?? '';
const sorted = (items: Iterable<unknown>): string[] =>
  [...new Set([...items].map((item) => JSON.stringify(item)))].sort();

describe.each(machineNames)('the machine %s', (name) => {
  const definition = readDefinition(name);
  const text = JSON.stringify(definition);
  const states = Object.entries(definition.States);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');
  const resource = resourceOf(name);

  test('is valid by asl-validator', () => {
    // It writes into what it is given.
    const { isValid, errorsText } = validate(structuredClone(definition));
    expect(isValid, errorsText('\n')).toBe(true);
  });

  test('holds no null, which osls would drop when it packages the template', () => {
    expect(nullsIn(definition)).toEqual([]);
  });

  test('hands on nothing whole: only its first state reads the input, field by field', () => {
    expect(text).not.toMatch(/\$states\.(?:input|context|errorOutput)(?!\.\w)/);
    expect(text).not.toMatch(/\$states\.result(?!\.Payload)/);
    const reading = states.filter(([, state]) => JSON.stringify(state).includes('$states.input'));
    expect(reading.map(([state]) => state)).toEqual([definition.StartAt]);
  });

  test('names exactly the substitutions that the template gives it', () => {
    const named = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, substitution]) => substitution);
    expect(sorted(named)).toEqual(sorted(Object.keys(resource.DefinitionSubstitutions)));
  });

  test('calls functions by the names that the template and their contracts have for them', () => {
    for (const [state, { Resource: service, Arguments }] of tasks) {
      if (service !== 'arn:aws:states:::lambda:invoke') continue;
      const substitution = substitutionIn(Arguments?.FunctionName);
      expect(resource.DefinitionSubstitutions[substitution], state).toEqual({
        'Fn::GetAtt': `${substitution}LambdaFunction.Arn`,
      });
      expect(deployed(substitution).handler, state).toBe(
        `dist/${contracts.get(substitution)?.name}/index.handler`,
      );
    }
  });

  test('may do by its role what its tasks do, and be observed, and nothing else', () => {
    const needed = tasks.map(([, { Resource: service = '', Arguments = {} }]) => {
      const [action, argument] = permissions[service] ?? [];
      const target = resource.DefinitionSubstitutions[substitutionIn(Arguments[argument ?? ''])];
      return [action, arn(target)];
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

  test.each(tasks)(
    "retries, catches whatever else fails, and waits no longer than its own limit in '%s'",
    (_, task) => {
      expect(task.Retry?.length).toBeGreaterThan(0);
      expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
      // Also the direct integrations, which answer in milliseconds: without a limit Step Functions waits for years.
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      if (task.Resource !== 'arn:aws:states:::lambda:invoke') return;
      // A function that runs out of time says so itself, before the machine gives it up.
      const { timeout } = deployed(substitutionIn(task.Arguments?.FunctionName));
      expect(task.TimeoutSeconds).toBeGreaterThanOrEqual(timeout + 30);
    },
  );

  test('has time for the slowest run that its tasks and their retries allow', () => {
    expect(slowest(definition, definition.StartAt)).toBeLessThan(definition.TimeoutSeconds);
  });

  test('reads the cause of an error in the same way everywhere', () => {
    const read = [...text.matchAll(/\$states\.errorOutput\.Cause \? .*?'no cause was given'/g)];
    expect(sorted(read.map(([expression]) => expression))).toHaveLength(1);
    const others = text.replaceAll(read[0]?.[0] ?? '', '');
    expect(others).not.toContain('errorOutput.Cause');
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
      [...diagram.matchAll(/^ *(\w+)(?:\[|\{|\(\[)"(.+?)"(?:\]\)|\}|\])$/gm)].map(([, id, label]) => [
        id,
        label,
      ]),
    );
    const arrows = [...diagram.matchAll(/^ *(\w+) -->(?:\|.+?\|)? (\w+)$/gm)];
    expect(sorted(drawn.values())).toEqual(sorted(Object.keys(definition.States)));
    expect(sorted(arrows.map(([, from, to]) => [drawn.get(from), drawn.get(to)]))).toEqual(
      sorted(states.flatMap(([state, it]) => transitions(it).map((next) => [state, next]))),
    );
  });

  test('has in the README every input, every variable and every end', () => {
    const inputs = [...text.matchAll(/\$states\.input\.(\w+)/g)].map(([, field]) => field);
    expect(sorted(firstColumn(name, 'Input'))).toEqual(sorted(inputs));
    const variables = states.flatMap(([, { Assign = {}, Catch = [] }]) =>
      [Assign, ...Catch.map((catcher) => catcher.Assign ?? {})].flatMap((names) => Object.keys(names)),
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
    }
  });

  test('has in the README the route of every error that it tells from others', () => {
    for (const [state, { Catch = [] }] of tasks) {
      for (const { ErrorEquals, Assign = {} } of Catch) {
        const anything = Catch.length === 1 ? 'any' : 'any other';
        const errors = ErrorEquals[0] === 'States.ALL' ? anything : ErrorEquals.join(', ');
        const outcome = Assign.outcome ?? (Assign.reason ? 'failed' : 'as it was');
        expect(sectionOf(name)).toContain(`| ${state} | ${errors} | ${outcome} |`);
      }
    }
  });
});

function resourceOf(name: string): Resource['Properties'] {
  const found = Object.values(Resources).find(
    ({ Properties }) => Properties.Definition === `\${file(state-machines/${name}.asl.json)}`,
  );
  if (!found) throw new Error(`machines.yml has no machine of ${name}.asl.json`);
  return found.Properties;
}

function roleOf(name: string): Resource['Properties']['Policies'] {
  const role = String((resourceOf(name).RoleArn as Record<string, string>)['Fn::GetAtt']).replace(
    /\.Arn$/,
    '',
  );
  const { Type, Properties } = Resources[role] as Resource;
  expect(Type).toBe('AWS::IAM::Role');
  expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  return Properties.Policies;
}

/** Every pair of an action and a resource that the statements allow. */
function allowed(statements: readonly Statement[]): unknown[] {
  return statements.flatMap(({ Effect, Action, Resource: resources, ...rest }) => {
    expect([Effect, rest]).toEqual(['Allow', {}]);
    return [Action].flat().flatMap((action) => [resources].flat().map((target) => [action, target]));
  });
}

/** A topic's `Ref` is its ARN, a table's is not. */
function arn(target: unknown): unknown {
  const reference = (target as { Ref?: string } | undefined)?.Ref;
  return reference === 'Journal' ? { 'Fn::GetAtt': 'Journal.Arn' } : target;
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

function transitions({ Next, Default, Choices = [], Catch = [] }: StateDefinition): string[] {
  const all = [Next, Default, ...Choices.map((rule) => rule.Next), ...Catch.map((catcher) => catcher.Next)];
  return all.filter((next) => next !== undefined);
}

/** Seconds from the start of a state to the end of the machine when every attempt takes all its time. */
function slowest(definition: Definition, name: string): number {
  const state = definition.States[name] as StateDefinition;
  const waits = (state.Retry ?? []).flatMap(({ IntervalSeconds, BackoffRate, MaxAttempts }) =>
    Array.from({ length: MaxAttempts }, (_, retry) => IntervalSeconds * BackoffRate ** retry),
  );
  const own = (state.TimeoutSeconds ?? 0) * (waits.length + 1) + waits.reduce((sum, wait) => sum + wait, 0);
  return own + Math.max(0, ...transitions(state).map((next) => slowest(definition, next)));
}

function sectionOf(name: string): string {
  return readme.split(/^## /m).find((section) => section.startsWith(`${name}\n`)) ?? '';
}

/** The names in code quotes in the first column of the table with this heading. */
function firstColumn(name: string, heading: string): string[] {
  const table = sectionOf(name).split(`| ${heading} |`)[1]?.split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, first]) => first ?? '');
}
