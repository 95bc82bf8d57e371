import { describe, expect, test } from 'vitest';
import { parseForm } from '../../../protocol/form.ts';
import { readInput } from '../../../protocol/read-input.ts';
import { serviceModel } from '../../support/service-model.ts';

const model = await serviceModel();
const read = (operation: string, body: string) => readInput(model, operation, parseForm(body));

describe('a request is read', () => {
  test('without what every request carries', () => {
    expect(read('DescribeDBInstances', 'Action=DescribeDBInstances&Version=2014-10-31')).toEqual({});
  });

  test('with its lists in the order of their numbers, by the name of the model or as "member"', () => {
    const values = ['10', '2', '1'].map((index) => `&SourceIds.SourceId.${index}=id-${index}`).join('');
    expect(read('CreateEventSubscription', `SubscriptionName=a&SnsTopicArn=b${values}`)).toMatchObject({
      SourceIds: ['id-1', 'id-2', 'id-10'],
    });
    expect(read('AddTagsToResource', 'ResourceName=a&Tags.member.1.Key=k&Tags.member.1.Value=v')).toEqual({
      ResourceName: 'a',
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    expect(read('AddTagsToResource', 'ResourceName=a&Tags=')).toMatchObject({ Tags: [] });
  });

  test.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.25+02:00', '2026-03-01T08:00:00.250Z'],
    ['2026-03-01T10:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ])('with the time %s', (text, iso) => {
    expect(read('DescribeEvents', `StartTime=${encodeURIComponent(text)}`)).toEqual({
      StartTime: new Date(iso),
    });
  });

  test('with words encoded as forms encode them', () => {
    expect(read('AddTagsToResource', 'ResourceName=a+b%2Bc%C3%A4&Tags=')).toMatchObject({
      ResourceName: 'a b+cä',
    });
  });
});

const create = 'DBInstanceIdentifier=a&DBInstanceClass=b&Engine=c';

describe('a request is refused', () => {
  test.each([
    ['an unknown action', 'NoSuchAction', '', 'InvalidAction', 'NoSuchAction'],
    ['an unknown parameter', 'CreateDBInstance', `${create}&Bogus=1`, 'InvalidQueryParameter', 'Bogus'],
    [
      'an unknown member of a list',
      'CreateDBInstance',
      `${create}&Tags.Tag.1.Colour=red`,
      'InvalidQueryParameter',
      'Tags.1.Colour',
    ],
    [
      'a list under a name that it does not have',
      'CreateDBInstance',
      `${create}&Tags.Item.1.Key=red`,
      'InvalidQueryParameter',
      'Tags.Item',
    ],
    [
      'a parameter twice',
      'CreateDBInstance',
      `${create}&Engine=d`,
      'InvalidQueryParameter',
      'Engine is given more than once',
    ],
    [
      'a member where a text belongs',
      'CreateDBInstance',
      `${create}&DBName.x=d`,
      'InvalidQueryParameter',
      'DBName.x',
    ],
    ['a text where a list belongs', 'CreateDBInstance', `${create}&Tags=red`, 'MalformedInput', 'Tags'],
    ['no number', 'CreateDBInstance', `${create}&Port=many`, 'MalformedInput', '"many" of Port'],
    ['a fraction', 'CreateDBInstance', `${create}&Port=1.5`, 'MalformedInput', '"1.5" of Port'],
    ['a number too large', 'CreateDBInstance', `${create}&Port=2147483648`, 'MalformedInput', 'Port'],
    ['no boolean', 'CreateDBInstance', `${create}&MultiAZ=yes`, 'MalformedInput', '"yes" of MultiAZ'],
    ['no time', 'DescribeEvents', 'StartTime=yesterday', 'MalformedInput', 'StartTime'],
    [
      'the 31st of February',
      'DescribeEvents',
      'StartTime=2026-02-31T25%3A00Z',
      'MalformedInput',
      'StartTime',
    ],
    ['an item without a number', 'AddTagsToResource', 'Tags.Tag.x.Key=a', 'MalformedInput', '"x" in Tags'],
    ['an item numbered 0', 'AddTagsToResource', 'Tags.Tag.0.Key=a', 'MalformedInput', '"0" in Tags'],
    [
      'a missing parameter',
      'CreateDBInstance',
      'DBInstanceIdentifier=a&Engine=c',
      'MissingParameter',
      'DBInstanceClass',
    ],
    [
      'a missing member of an item',
      'DescribeDBInstances',
      'Filters.Filter.1.Name=x',
      'MissingParameter',
      'Filters.1.Values',
    ],
    [
      'a number too small and a text too short, both named',
      'DescribeBlueGreenDeployments',
      'MaxRecords=1&BlueGreenDeploymentIdentifier=',
      'ValidationError',
      "3 validation errors detected: Value '1' at 'maxRecords' failed to satisfy constraint: Member must have value greater than or equal to 20; Value '' at 'blueGreenDeploymentIdentifier' failed",
    ],
    [
      'a value outside an enumeration',
      'DescribeEvents',
      'SourceType=db-dragon',
      'ValidationError',
      "1 validation error detected: Value 'db-dragon' at 'sourceType' failed to satisfy constraint: Member must satisfy enum value set: [db-instance,",
    ],
    [
      'a value against a pattern',
      'CreateDBProxyEndpoint',
      'DBProxyName=-&DBProxyEndpointName=b&VpcSubnetIds=',
      'ValidationError',
      "'-' at 'dBProxyName' failed to satisfy constraint: Member must satisfy regular expression pattern",
    ],
    ['a malformed escape', 'DescribeDBInstances', 'Marker=%zz', 'MalformedQueryString', 'percent-encoding'],
    [
      'bytes that are no UTF-8',
      'DescribeDBInstances',
      'Marker=%ff',
      'MalformedQueryString',
      'percent-encoding',
    ],
    ['a control character', 'DescribeDBInstances', 'Marker=%00', 'MalformedInput', 'control character'],
    ['a nameless parameter', 'DescribeDBInstances', '=1', 'MalformedQueryString', 'name of a parameter'],
    ['a name that only inherits', 'DescribeDBInstances', '__proto__=1', 'InvalidQueryParameter', '__proto__'],
  ])('for %s', (_, operation, body, fault, message) => {
    expect(() => read(operation, body)).toThrow(
      expect.objectContaining({ name: 'Fault', fault, message: expect.stringContaining(message) }),
    );
  });

  test('without telling a password', () => {
    const body = `${create}&MasterUserPassword.x=top-secret`;
    expect(() => read('CreateDBInstance', body)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('top-secret') }),
    );
  });
});
