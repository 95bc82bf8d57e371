import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuthorizationRequest } from '../../api/authorize.ts';
import { Fault } from '../../protocol/fault.ts';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';

let local: LocalRds;
const down = new Set<string>();
const asked: AuthorizationRequest[] = [];
const reported: Error[] = [];

beforeAll(async () => {
  local = await startLocalRds({
    accountOf: (key) => ({ AKIAKNOWN: account })[key] ?? (/^\d{12}$/.test(key) ? key : undefined),
    refusal: (region) =>
      down.has(region) ? new Fault('ServiceUnavailable', `${region} is down.`) : undefined,
    authorize: async (request) => {
      asked.push(request);
      return request.accessKey === '666666666666'
        ? { allowed: false, reason: 'because no policy allows it' }
        : { allowed: true };
    },
    report: (error) => void reported.push(error),
  });
});
afterAll(() => local.stop());

interface Wanted {
  readonly body?: string;
  readonly method?: string;
  readonly key?: string;
  readonly region?: string;
  readonly service?: string;
  readonly headers?: Record<string, string | undefined>;
}

const describeAll = 'Action=DescribeDBInstances&Version=2014-10-31';

/** A request as bytes, with whatever is wrong with it. */
async function ask(wanted: Wanted = {}): Promise<{ status: number | undefined; body: string }> {
  const {
    body = describeAll,
    method = 'POST',
    key = account,
    region = 'eu-west-1',
    service = 'rds',
  } = wanted;
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260301/${region}/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    ...wanted.headers,
  };
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const sent = send(local.rds.endpoint, { method, headers: given }, async (response) =>
      resolve({ status: response.statusCode, body: await text(response) }),
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

test('a request that is right is answered', async () => {
  expect(await ask()).toMatchObject({
    status: 200,
    body: expect.stringContaining('<DBInstances/>'),
  });
});

describe('a request is refused', () => {
  test.each<[string, Wanted, number, string]>([
    ['without a signature', { headers: { authorization: undefined } }, 403, 'MissingAuthenticationToken'],
    [
      'with half a signature',
      { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b' } },
      403,
      'IncompleteSignature',
    ],
    ['signed for another service', { service: 's3' }, 403, 'SignatureDoesNotMatch'],
    ['signed for a Region that there is not', { region: 'eu-west-9' }, 403, 'SignatureDoesNotMatch'],
    ['with a key that nobody has', { key: 'AKIANOBODY' }, 403, 'InvalidClientTokenId'],
    [
      'with another content type',
      { headers: { 'content-type': 'application/json' } },
      415,
      'UnsupportedMediaType',
    ],
    ['without a content type', { headers: { 'content-type': undefined } }, 415, 'UnsupportedMediaType'],
    ['10 MB long', { body: `${describeAll}&Marker=${'x'.repeat(10_000_000)}` }, 413, 'RequestEntityTooLarge'],
    [
      'with a parameter twice',
      { body: `${describeAll}&MaxRecords=20&MaxRecords=21` },
      400,
      'InvalidQueryParameter',
    ],
    [
      'with a parameter that there is not',
      { body: `${describeAll}&Colour=red` },
      400,
      'InvalidQueryParameter',
    ],
    ['with a text for a number', { body: `${describeAll}&MaxRecords=many` }, 400, 'MalformedInput'],
    ['with a page too small', { body: `${describeAll}&MaxRecords=19` }, 400, 'InvalidParameterValue'],
    ['with a marker of its own making', { body: `${describeAll}&Marker=abc` }, 400, 'InvalidParameterValue'],
    ['without an action', { body: 'Version=2014-10-31' }, 400, 'MissingAction'],
    ['for an action that RDS has not', { body: 'Action=Dance&Version=2014-10-31' }, 400, 'InvalidAction'],
    ['for an action of every object', { body: 'Action=toString&Version=2014-10-31' }, 400, 'InvalidAction'],
    [
      'for an action that this service has not',
      { body: 'Action=DescribeDBProxies&Version=2014-10-31' },
      400,
      'InvalidAction',
    ],
    ['for another version', { body: 'Action=DescribeDBInstances&Version=2010-01-01' }, 400, 'NoSuchVersion'],
    ['as GET', { method: 'GET', body: '' }, 404, 'MalformedQueryString'],
    [
      'with a parameter that would have no effect here',
      {
        body: 'Action=CreateDBInstance&Version=2014-10-31&DBInstanceIdentifier=a&DBInstanceClass=b&Engine=postgres&MultiTenant=true',
      },
      400,
      'InvalidParameterCombination',
    ],
  ])('%s', async (_, wanted, status, code) => {
    expect(await ask(wanted)).toEqual({
      status,
      body: expect.stringMatching(new RegExp(`<ErrorResponse .*<Type>Sender</Type><Code>${code}</Code>`)),
    });
  });

  test('whatever it asks for while its Region is down, and others are served', async () => {
    down.add('eu-west-1');
    expect(await ask()).toMatchObject({ status: 503, body: expect.stringContaining('eu-west-1 is down.') });
    expect(await ask({ region: 'eu-central-1' })).toMatchObject({ status: 200 });
    down.clear();
  });

  test('when its caller may not; who may is asked with action, Region, resource and tags', async () => {
    await expect(
      local.client('eu-west-1', '666666666666').send(new DescribeDBInstancesCommand({})),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        'rds:DescribeDBInstances on resource: arn:aws:rds:eu-west-1:666666666666:db:* because no policy allows it',
      ),
    });
    asked.length = 0;
    const tags = '&Tags.Tag.1.Key=team&Tags.Tag.1.Value=a';
    const body = `Action=CreateDBSubnetGroup&Version=2014-10-31&DBSubnetGroupName=Net&DBSubnetGroupDescription=x&SubnetIds.SubnetIdentifier.1=subnet-1&SubnetIds.SubnetIdentifier.2=subnet-2${tags}`;
    expect(await ask({ body, key: 'AKIAKNOWN' })).toMatchObject({ status: 200 });
    const arn = `arn:aws:rds:eu-west-1:${account}:subgrp:net`;
    const request = { accessKey: 'AKIAKNOWN', account, region: 'eu-west-1', resource: arn };
    const tagged = { ...request, resourceTags: {}, requestTags: { team: 'a' }, tagKeys: ['team'] };
    expect(asked).toEqual([
      { ...tagged, action: 'rds:CreateDBSubnetGroup' },
      { ...tagged, action: 'rds:AddTagsToResource' },
    ]);
    asked.length = 0;
    await ask({
      body: 'Action=DeleteDBSubnetGroup&Version=2014-10-31&DBSubnetGroupName=net',
      key: 'AKIAKNOWN',
    });
    expect(asked).toEqual([
      {
        ...request,
        action: 'rds:DeleteDBSubnetGroup',
        resourceTags: { team: 'a' },
        requestTags: {},
        tagKeys: [],
      },
    ]);
    asked.length = 0;
    const source = `arn:aws:rds:eu-central-1:${account}:snapshot:a`;
    await ask({
      body: `Action=CopyDBSnapshot&Version=2014-10-31&SourceDBSnapshotIdentifier=${source}&TargetDBSnapshotIdentifier=b`,
    });
    expect(asked.map(({ region, resource }) => [region, resource])).toEqual([
      ['eu-central-1', source],
      ['eu-west-1', `arn:aws:rds:eu-west-1:${account}:snapshot:b`],
    ]);
  });

  test('never because of a mistake of this program: none was reported', () => {
    expect(reported).toEqual([]);
  });
});
