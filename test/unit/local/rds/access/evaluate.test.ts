import type { AuthorizationRequest } from 'local-rds/authorize';
import { describe, expect, test } from 'vitest';
import { contextOf } from '../../../../../local/rds/access/context.ts';
import { evaluate, type Verdict } from '../../../../../local/rds/access/evaluate.ts';
import { parsePolicy } from '../../../../../local/rds/access/policy.ts';

const db = 'arn:aws:rds:eu-west-1:000000000000:db:shop';
const role = 'arn:aws:iam::000000000000:role/restorer';

const request: AuthorizationRequest = {
  accessKey: 'ASIAEXAMPLE',
  account: '000000000000',
  region: 'eu-west-1',
  action: 'rds:DeleteDBInstance',
  resource: db,
  resourceTags: { team: 'backup', Stage: 'test' },
  requestTags: {},
  tagKeys: [],
};
const caller = {
  account: '000000000000',
  arn: 'arn:aws:sts::000000000000:assumed-role/restorer/session',
  principal: role,
  identity: { kind: 'role', name: 'restorer' },
} as const;

type Given = Record<string, unknown>;

/** Decides by statements, each of which allows the request on everything unless it says something else. */
function decide(statements: Given | Given[], asked: Partial<AuthorizationRequest> = {}): Verdict['decision'] {
  const all = [statements].flat().map((one) => ({
    Effect: 'Allow',
    ...('NotAction' in one ? {} : { Action: 'rds:DeleteDBInstance' }),
    ...('NotResource' in one ? {} : { Resource: '*' }),
    ...one,
  }));
  const policy = parsePolicy('p', JSON.stringify({ Version: '2012-10-17', Statement: all }));
  const full = { ...request, ...asked };
  const { action, resource } = full;
  return evaluate([policy], { action, resource, context: contextOf(full, caller) }).decision;
}

/** As policies write it. */
const variable = (name: string) => `\${${name}}`;

const [yes, no, never] = ['allowed', 'implicitly denied', 'explicitly denied'] as const;

describe('actions', () => {
  test.each<[Given, Verdict['decision']]>([
    [{ Action: 'rds:DeleteDBInstance' }, yes],
    [{ Action: 'RDS:deletedbinstance' }, yes],
    [{ Action: ['s3:*', 'rds:Delete*'] }, yes],
    [{ Action: 'rds:DeleteDB?nstance' }, yes],
    [{ Action: '*' }, yes],
    [{ Action: 'rds:DeleteDBInstanc' }, no],
    [{ Action: 'rds:DeleteDBInstance?' }, no],
    [{ Action: 's3:*' }, no],
    [{ Action: 'rds.DeleteDBInstance' }, no],
    [{ NotAction: 'rds:Create*' }, yes],
    [{ NotAction: ['rds:Create*', 'rds:Delete*'] }, no],
  ])('%j: %s', (statement, decision) => {
    expect(decide(statement)).toBe(decision);
  });
});

describe('resources', () => {
  test.each<[Given, Verdict['decision'], string?]>([
    [{ Resource: db }, yes],
    [{ Resource: ['arn:aws:s3:::bucket', 'arn:aws:rds:*:*:db:*'] }, yes],
    [{ Resource: 'arn:*:rds:eu-west-?:000000000000:*' }, yes],
    [{ Resource: 'arn:aws:rds:eu-west-1:000000000000:db:sh*p' }, yes],
    [{ Resource: 'arn:aws:rds:eu-west-1:000000000000:db:SHOP' }, no],
    [{ Resource: 'arn:aws:rds:eu-west-1:000000000000:snapshot:*' }, no],
    [{ Resource: 'arn:aws:rds:eu-central-1:*:db:*' }, no],
    // A wildcard does not reach over a colon, except in the last part.
    [{ Resource: 'arn:aws:*:db:*:*:*' }, no],
    [{ NotResource: 'arn:aws:rds:*:*:snapshot:*' }, yes],
    [{ NotResource: ['arn:aws:rds:*:*:snapshot:*', db] }, no],
    // Lists are about all of a kind, and a prefix is not all.
    [{ Resource: 'arn:aws:rds:*:*:db:*' }, yes, 'arn:aws:rds:eu-west-1:000000000000:db:*'],
    [{ Resource: 'arn:aws:rds:*:*:db:shop*' }, no, 'arn:aws:rds:eu-west-1:000000000000:db:*'],
    [{ Resource: 'arn:aws:rds:*:*:*' }, no, '*'],
    [{ Resource: '*' }, yes, '*'],
  ])('%j: %s', (statement, decision, resource = db) => {
    expect(decide(statement, { resource })).toBe(decision);
  });
});

describe('several statements', () => {
  test.each<[string, Given[], Verdict['decision']]>([
    ['none', [], no],
    ['one that allows', [{ Action: 's3:*' }, {}], yes],
    ['one that denies', [{}, { Effect: 'Deny' }], never],
    ['one that denies before', [{ Effect: 'Deny' }, {}], never],
    ['one that denies something else', [{}, { Effect: 'Deny', Action: 'rds:CreateDBInstance' }], yes],
    [
      'one that denies on a condition that is not met',
      [{}, { Effect: 'Deny', Condition: { StringEquals: { 'aws:ResourceTag/team': 'other' } } }],
      yes,
    ],
    [
      'one that denies all but a Region',
      [{}, { Effect: 'Deny', Condition: { StringNotEquals: { 'aws:RequestedRegion': 'eu-central-1' } } }],
      never,
    ],
  ])('%s', (_, statements, decision) => {
    expect(decide(statements)).toBe(decision);
  });
});

describe('operators', () => {
  const team = 'aws:ResourceTag/team';
  const missing = 'aws:ResourceTag/missing';
  test.each<[string, Given, boolean]>([
    ['equal', { StringEquals: { [team]: 'backup' } }, true],
    ['equal to one of several', { StringEquals: { [team]: ['other', 'backup'] } }, true],
    ['equal but for case', { StringEquals: { [team]: 'Backup' } }, false],
    ['without regard to case', { StringEqualsIgnoreCase: { [team]: 'BACKUP' } }, true],
    ['no wildcard in StringEquals', { StringEquals: { [team]: 'back*' } }, false],
    ['wildcards in StringLike', { StringLike: { [team]: 'b?ck*' } }, true],
    ['wildcards that do not fit', { StringLike: { [team]: '*x' } }, false],
    ['a pattern is no regular expression', { StringLike: { [team]: 'back.p' } }, false],
    ['missing', { StringEquals: { [missing]: 'backup' } }, false],
    ['missing, IfExists', { StringEqualsIfExists: { [missing]: 'backup' } }, true],
    ['there, IfExists, wrong', { StringEqualsIfExists: { [team]: 'other' } }, false],
    ['not equal', { StringNotEquals: { [team]: 'other' } }, true],
    ['not equal to any of several', { StringNotEquals: { [team]: ['other', 'backup'] } }, false],
    ['not equal, missing', { StringNotEquals: { [missing]: 'backup' } }, true],
    ['not like', { StringNotLike: { [team]: 'b*' } }, false],
    ['not equal without regard to case', { StringNotEqualsIgnoreCase: { [team]: 'BACKUP' } }, false],
    ['Null of what is missing', { Null: { [missing]: 'true' } }, true],
    ['Null of what is there', { Null: { [team]: 'true' } }, false],
    ['not Null', { Null: { [team]: false } }, true],
    ['ARN', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/rest*' } }, true],
    ['another ARN', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } }, false],
    ['not that ARN', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }, false],
    ['ArnEquals takes wildcards too', { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }, true],
    ['not equal to that ARN', { ArnNotEquals: { 'aws:PrincipalArn': role } }, false],
    ['Bool', { Bool: { 'aws:ResourceTag/keep': true } }, true],
    ['Bool, wrong', { Bool: { 'aws:ResourceTag/keep': 'false' } }, false],
    ['two keys, both met', { StringEquals: { [team]: 'backup', 'aws:RequestedRegion': 'eu-west-1' } }, true],
    ['two keys, one met', { StringEquals: { [team]: 'backup', 'aws:RequestedRegion': 'us-east-1' } }, false],
    ['two operators, one met', { StringEquals: { [team]: 'backup' }, StringLike: { [team]: 'x*' } }, false],
  ])('%s', (_, Condition, met) => {
    const resourceTags = { ...request.resourceTags, keep: 'true' };
    expect(decide({ Condition }, { resourceTags })).toBe(met ? yes : no);
  });
});

describe('keys of several values', () => {
  test.each<[string, readonly string[], Given, boolean]>([
    ['all among those allowed', ['a', 'b'], { 'ForAllValues:StringEquals': ['a', 'b', 'c'] }, true],
    ['one beyond', ['a', 'x'], { 'ForAllValues:StringEquals': ['a', 'b'] }, false],
    ['none at all', [], { 'ForAllValues:StringEquals': ['a'] }, true],
    ['any', ['a', 'x'], { 'ForAnyValue:StringEquals': ['x'] }, true],
    ['any of none', [], { 'ForAnyValue:StringEquals': ['x'] }, false],
    ['any, like', ['tmp-1'], { 'ForAnyValue:StringLike': ['tmp-*'] }, true],
    ['all not', ['a', 'b'], { 'ForAllValues:StringNotEquals': ['x'] }, true],
    ['all not, one is', ['a', 'x'], { 'ForAllValues:StringNotEquals': ['x'] }, false],
    ['any not', ['a', 'x'], { 'ForAnyValue:StringNotEquals': ['x'] }, true],
    ['none given', [], { Null: ['true'] }, true],
  ])('%s', (_, tagKeys, operator, met) => {
    const Condition = Object.fromEntries(
      Object.entries(operator).map(([name, values]) => [name, { 'aws:TagKeys': values }]),
    );
    expect(decide({ Condition }, { tagKeys })).toBe(met ? yes : no);
  });
});

describe('context keys', () => {
  test.each<[string, string]>([
    ['aws:RequestedRegion', 'eu-west-1'],
    ['AWS:requestedregion', 'eu-west-1'],
    ['aws:ResourceTag/team', 'backup'],
    ['aws:resourceTag/stage', 'test'],
    ['aws:RequestTag/owner', 'me'],
    ['rds:req-tag/owner', 'me'],
    ['rds:db-tag/team', 'backup'],
    ['aws:PrincipalArn', role],
    ['aws:PrincipalAccount', '000000000000'],
    ['aws:ResourceAccount', '000000000000'],
  ])('%s is %s', (key, value) => {
    const asked = { requestTags: { owner: 'me' }, tagKeys: ['owner'] };
    expect(decide({ Condition: { StringEquals: { [key]: value } } }, asked)).toBe(yes);
    expect(decide({ Condition: { StringEquals: { [key]: `${value}x` } } }, asked)).toBe(no);
  });

  test('a tag of a kind is missing of another kind', () => {
    const Condition = { StringEquals: { 'rds:snapshot-tag/team': 'backup' } };
    expect(decide({ Condition })).toBe(no);
    expect(decide({ Condition }, { resource: 'arn:aws:rds:eu-west-1:000000000000:snapshot:s' })).toBe(yes);
  });
});

describe('what is not evaluated is an error, never a pass and never a refusal', () => {
  const error = (message: RegExp) => ({
    name: 'PolicyNotSupported',
    message: expect.stringMatching(message),
  });
  test.each<[string, Given, RegExp]>([
    [
      'an operator',
      { Condition: { NumericLessThan: { 'aws:RequestedRegion': '5' } } },
      /NumericLessThan.*StringLike/,
    ],
    ['a made-up operator', { Condition: { StringSounds: { 'aws:RequestedRegion': 'x' } } }, /StringSounds/],
    ['an operator of objects', { Condition: { toString: { 'aws:RequestedRegion': 'x' } } }, /toString/],
    ['NullIfExists', { Condition: { NullIfExists: { 'aws:RequestedRegion': 'true' } } }, /NullIfExists/],
    ['a context key', { Condition: { StringEquals: { 'aws:SourceIp': '10.0.0.1' } } }, /aws:SourceIp/],
    [
      'a context key, IfExists',
      { Condition: { StringEqualsIfExists: { 'aws:SourceVpc': 'v' } } },
      /aws:SourceVpc/,
    ],
    [
      'a context key of RDS',
      { Condition: { StringEquals: { 'rds:DatabaseClass': 'db.t3.micro' } } },
      /rds:DatabaseClass/,
    ],
    [
      'beside a condition that is not met',
      {
        Condition: {
          StringEquals: { 'aws:RequestedRegion': 'us-east-1' },
          IpAddress: { 'aws:SourceIp': '10.0.0.1' },
        },
      },
      /IpAddress/,
    ],
    [
      'one value of many',
      { Condition: { StringEquals: { 'aws:TagKeys': 'a' } } },
      /ForAllValues:StringEquals/,
    ],
    [
      'a variable',
      { Condition: { StringEquals: { 'aws:ResourceTag/team': variable('aws:PrincipalTag/team') } } },
      /variable/,
    ],
    ['a variable in a resource', { Resource: `arn:aws:rds:*:*:db:${variable('aws:username')}` }, /variable/],
    ['a resource that is no ARN', { Resource: 'db:shop' }, /db:shop/],
    [
      'in a statement that denies',
      { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      /SecureTransport/,
    ],
  ])('%s', (_, statement, message) => {
    expect(() => decide([{}, statement])).toThrow(expect.objectContaining(error(message)));
    expect(() => decide([statement, {}])).toThrow(expect.objectContaining(error(message)));
  });

  test('unless the statement is about another action', () => {
    const Condition = { NumericLessThan: { 's3:max-keys': '5' } };
    expect(decide([{}, { Action: 's3:ListBucket', Condition, Resource: variable('x') }])).toBe(yes);
  });
});

describe('a document that is not a policy is an error', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown element', { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Only: 'x' } }, /Only/],
    [
      'a principal',
      { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' } },
      /Principal/,
    ],
    ['no effect', { Statement: { Action: '*', Resource: '*' } }, /Effect/],
    ['no action', { Statement: { Effect: 'Allow', Resource: '*' } }, /Action/],
    [
      'two kinds of action',
      { Statement: { Effect: 'Allow', Action: '*', NotAction: 'a:b', Resource: '*' } },
      /Action/,
    ],
    ['no resource', { Statement: { Effect: 'Allow', Action: '*' } }, /Resource/],
    ['another version', { Version: '2030-01-01', Statement: [] }, /Version/],
  ])('%s', (_, policy, message) => {
    expect(() => parsePolicy('p', JSON.stringify(policy))).toThrow(message);
  });
});
