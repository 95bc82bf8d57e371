// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how a definition names a substitution

import { describe, expect, test } from 'vitest';
import { load } from './asl/load.ts';
import { graph, machine } from './conformance/conformance-case.ts';

const done = { Type: 'Pass', End: true };
const only = (state: object, more: object = {}) => machine({ Only: state, ...more });
const mapOf = (fields: object) =>
  only({ Type: 'Map', ItemProcessor: graph({ Inner: done }), End: true, ...fields });
const task = (fields: object) => only({ Type: 'Task', Resource: 'arn', End: true, ...fields });

describe('a definition is refused with the path of the first thing that is not implemented', () => {
  test.each<[string, unknown, string]>([
    ['JSONPath as query language', { ...only(done), QueryLanguage: 'JSONPath' }, '$.QueryLanguage'],
    ['no query language, which means JSONPath', graph({ Only: done }), '$.QueryLanguage'],
    ['JSONPath in one state', only({ ...done, QueryLanguage: 'JSONPath' }), '$.States.Only.QueryLanguage'],
    ['InputPath', only({ ...done, InputPath: '$' }), 'InputPath'],
    [
      'ResultPath in a catcher',
      task({ Catch: [{ ErrorEquals: ['A'], Next: 'Only', ResultPath: '$' }] }),
      '$.States.Only.Catch[0]',
    ],
    ['Parameters', task({ Parameters: {} }), 'Parameters'],
    ['Credentials', task({ Credentials: { RoleArn: 'arn' } }), 'Credentials'],
    ['a field nobody knows', only({ ...done, Coment: 'a slip' }), 'Coment'],
    ['a type of state nobody knows', only({ Type: 'Loop', End: true }), '$.States.Only.Type'],
    ['Iterator', mapOf({ Iterator: graph({ Other: done }) }), 'Iterator'],
    [
      'a distributed Map',
      mapOf({ ItemProcessor: { ...graph({ Inner: done }), ProcessorConfig: { Mode: 'DISTRIBUTED' } } }),
      '$.States.Only.ItemProcessor.ProcessorConfig.Mode',
    ],
    ['ItemBatcher', mapOf({ ItemBatcher: {} }), 'ItemBatcher'],
    ['Assign of a Succeed', only({ Type: 'Succeed', Assign: { a: 1 } }), 'Assign'],
    [
      'a field within a branch',
      only({ Type: 'Parallel', Branches: [graph({ Inner: { ...done, Result: 1 } })], End: true }),
      '$.States.Only.Branches[0].States.Inner',
    ],
  ])('%s', (_, definition, path) => {
    expect(() => load(definition)).toThrow(path);
  });
});

describe('a definition is refused when Step Functions would not create it', () => {
  test.each<[string, unknown, string]>([
    [
      'StartAt names no state',
      { ...only(done), StartAt: 'Nobody' },
      "$.StartAt: there is no state 'Nobody' here",
    ],
    [
      'Next names no state',
      only({ Type: 'Pass', Next: 'Nobody' }),
      "$.States.Only.Next: there is no state 'Nobody' here",
    ],
    [
      'a rule names no state',
      only({ Type: 'Choice', Choices: [{ Condition: true, Next: 'Nobody' }] }),
      '$.States.Only.Choices[0].Next',
    ],
    [
      'a catcher names no state',
      task({ Catch: [{ ErrorEquals: ['A'], Next: 'Nobody' }] }),
      '$.States.Only.Catch[0].Next',
    ],
    [
      'a branch leaves itself',
      only({ Type: 'Parallel', Branches: [graph({ Inner: { Type: 'Pass', Next: 'Only' } })], End: true }),
      '$.States.Only.Branches[0].States.Inner.Next',
    ],
    ['neither Next nor End', only({ Type: 'Pass' }), '$.States.Only: needs Next or End'],
    ['both Next and End', only({ ...done, Next: 'Only' }), '$.States.Only: needs Next or End'],
    ['a state that nothing leads to', only(done, { Lost: done }), '$.States.Lost: no transition leads here'],
    [
      'two states of one name',
      mapOf({ ItemProcessor: graph({ Only: done }) }),
      "a second state is called 'Only'",
    ],
    ['a Wait for nothing', only({ Type: 'Wait', End: true }), '$.States.Only: needs Seconds or Timestamp'],
    [
      'a Wait for two things',
      only({ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true }),
      '$.States.Only: needs Seconds or Timestamp',
    ],
    [
      'States.ALL before another retrier',
      task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }),
      '$.States.Only.Retry',
    ],
    [
      'States.ALL beside another name',
      task({ Catch: [{ ErrorEquals: ['A', 'States.ALL'], Next: 'Only' }] }),
      '$.States.Only.Catch',
    ],
    [
      'MaxDelaySeconds below IntervalSeconds',
      task({ Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 9, MaxDelaySeconds: 8 }] }),
      '$.States.Only.Retry[0].MaxDelaySeconds',
    ],
    [
      'a heartbeat as slow as the timeout',
      task({
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        HeartbeatSeconds: 9,
        TimeoutSeconds: 9,
      }),
      '$.States.Only.HeartbeatSeconds',
    ],
    ['a heartbeat that nobody can send', task({ HeartbeatSeconds: 9 }), '$.States.Only.HeartbeatSeconds'],
    ['an expression as resource', task({ Resource: "{% 'arn' %}" }), '$.States.Only.Resource'],
    [
      'an expression with an error',
      only({ ...done, Output: { a: ['{% 1 + %}'] } }),
      '$.States.Only.Output.a[0]: is no JSONata',
    ],
    [
      '$eval',
      only({ ...done, Output: "{% $eval('1') %}" }),
      '$.States.Only.Output: Step Functions does not offer $eval',
    ],
    [
      '$shuffle',
      only({ ...done, Output: '{% $shuffle([1]) %}' }),
      '$.States.Only.Output: $shuffle takes no seed',
    ],
    ['a variable called states', only({ ...done, Assign: { states: 1 } }), '$.States.Only.Assign.states'],
  ])('%s', (_, definition, message) => {
    expect(() => load(definition)).toThrow(message);
  });

  test('an iteration assigns a variable of the machine', () => {
    const definition = machine({
      Keep: { Type: 'Pass', Assign: { rows: 0 }, Next: 'Each' },
      Each: { Type: 'Map', ItemProcessor: graph({ Count: { ...done, Assign: { rows: 1 } } }), End: true },
    });
    expect(() => load(definition)).toThrow(
      '$.States.Each.ItemProcessor.States.Count: $rows belongs to an outer scope',
    );
  });

  test('a catcher of a branch assigns a variable that the machine only assigns later', () => {
    const inner = graph({
      Load: {
        Type: 'Task',
        Resource: 'arn',
        Catch: [{ ErrorEquals: ['A'], Assign: { why: 1 }, Next: 'Inner' }],
        Next: 'Inner',
      },
      Inner: done,
    });
    const definition = machine({
      Both: { Type: 'Parallel', Branches: [inner], Assign: { why: 2 }, End: true },
    });
    expect(() => load(definition)).toThrow(
      '$.States.Both.Branches[0].States.Load: $why belongs to an outer scope',
    );
  });
});

describe('substitutions', () => {
  test('replace names anywhere within a string', () => {
    const definition = only({
      Type: 'Task',
      Resource: 'arn:${Load}:live',
      Arguments: { to: ['${Bucket}/${Load}'] },
      End: true,
    });
    const { States } = load(definition, { Load: 'load', Bucket: 'vault' });
    expect(States.Only).toMatchObject({ Resource: 'arn:load:live', Arguments: { to: ['vault/load'] } });
  });

  test('must all be given', () => {
    const definition = only({ Type: 'Task', Resource: '${Load}', End: true });
    expect(() => load(definition, { Laod: 'load' })).toThrow(
      '$.States.Only.Resource: no substitution is given for ${Load}',
    );
  });

  test('give strings, so that they cannot be numbers', () => {
    expect(() => load(task({ TimeoutSeconds: '${Limit}' }), { Limit: '60' })).toThrow(
      '$.States.Only.TimeoutSeconds',
    );
  });
});
