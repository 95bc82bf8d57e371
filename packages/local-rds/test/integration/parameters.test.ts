import {
  type ApplyMethod,
  CreateDBParameterGroupCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  paginateDescribeDBParameters,
  RebootDBInstanceCommand,
  ResetDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LocalRds, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 60_000 });

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds();
  const groups = ['tuned', 'other'].map((DBParameterGroupName) =>
    local.client().send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName,
        DBParameterGroupFamily: 'postgres18',
        Description: 'x',
      }),
    ),
  );
  await Promise.all(groups);
  await local.create({ DBInstanceIdentifier: 'one', DBParameterGroupName: 'tuned' });
});
afterAll(() => local.stop());

const set = (ParameterName: string, ParameterValue: string, ApplyMethod: ApplyMethod) =>
  local.client().send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      Parameters: [{ ParameterName, ParameterValue, ApplyMethod }],
    }),
  );
const shown = (name: string) =>
  local.connect('one', async (client) => (await client.query(`SHOW ${name}`)).rows[0][name]);
const status = async () => (await local.describe('one')).DBParameterGroups;
const reboot = async () => {
  await local.client().send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'one' }));
  await local.available('one');
};

describe('a parameter', () => {
  test('that is dynamic takes effect at once', async () => {
    await set('work_mem', '8192', 'immediate');
    expect(await shown('work_mem')).toBe('8MB');
    expect(await status()).toEqual([{ DBParameterGroupName: 'tuned', ParameterApplyStatus: 'in-sync' }]);
  });

  test('that is dynamic waits for a reboot when asked to', async () => {
    await set('work_mem', '16384', 'pending-reboot');
    expect(await shown('work_mem')).toBe('8MB');
    expect(await status()).toMatchObject([{ ParameterApplyStatus: 'pending-reboot' }]);
    await reboot();
    expect(await shown('work_mem')).toBe('16MB');
    expect(await status()).toMatchObject([{ ParameterApplyStatus: 'in-sync' }]);
  });

  test('that is static waits for a reboot', async () => {
    await set('max_connections', '61', 'pending-reboot');
    expect(await shown('max_connections')).not.toBe('61');
    expect(await status()).toMatchObject([{ ParameterApplyStatus: 'pending-reboot' }]);
    await reboot();
    expect(await shown('max_connections')).toBe('61');
  });

  test('is reset to its default', async () => {
    await local.client().send(
      new ResetDBParameterGroupCommand({
        DBParameterGroupName: 'tuned',
        Parameters: [{ ParameterName: 'work_mem', ApplyMethod: 'immediate' }],
      }),
    );
    expect(await shown('work_mem')).toBe('4MB');
  });

  test('is described with what it may be, page by page, each once', async () => {
    const names: string[] = [];
    const pages = paginateDescribeDBParameters(
      { client: local.client(), pageSize: 100 },
      { DBParameterGroupName: 'tuned' },
    );
    for await (const { Parameters = [] } of pages)
      names.push(...Parameters.map(({ ParameterName = '' }) => ParameterName));
    expect(names.length).toBeGreaterThan(300);
    expect(new Set(names).size).toBe(names.length);
    const { Parameters } = await local
      .client()
      .send(new DescribeDBParametersCommand({ DBParameterGroupName: 'tuned', Source: 'user' }));
    expect(Parameters).toMatchObject([
      {
        ParameterName: 'max_connections',
        ParameterValue: '61',
        ApplyType: 'static',
        DataType: 'integer',
        AllowedValues: expect.stringMatching(/^1-\d+$/),
        IsModifiable: true,
        Source: 'user',
      },
    ]);
  });
});

describe('a group', () => {
  test('that an instance is given waits for a reboot with all that it says', async () => {
    await local
      .client()
      .send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'one', DBParameterGroupName: 'other' }));
    expect(await shown('max_connections')).toBe('61');
    expect(await status()).toEqual([
      { DBParameterGroupName: 'other', ParameterApplyStatus: 'pending-reboot' },
    ]);
    await reboot();
    expect(await shown('max_connections')).not.toBe('61');
    expect(await status()).toEqual([{ DBParameterGroupName: 'other', ParameterApplyStatus: 'in-sync' }]);
  });

  test('is deleted when nobody has it any more; the default is always there', async () => {
    await local.client().send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: 'tuned' }));
    const { DBParameterGroups = [] } = await local.client().send(new DescribeDBParameterGroupsCommand({}));
    expect(DBParameterGroups.map(({ DBParameterGroupName: name }) => name)).toEqual([
      'default.postgres18',
      'other',
    ]);
  });
});
