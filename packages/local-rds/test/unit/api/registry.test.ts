import { expect, test } from 'vitest';
import { actions, supported } from '../../../api/registry.ts';
import { serviceModel } from '../../support/service-model.ts';

const model = await serviceModel();

test('every supported action and parameter is one of the service model', () => {
  for (const { action, parameters } of supported()) {
    const operation = model.operations[action];
    const known = Object.keys(model.shapes[operation?.input.shape ?? '']?.members ?? {});
    expect(known, action).toEqual(expect.arrayContaining([...parameters]));
    expect(new Set(parameters).size, action).toBe(parameters.length);
  }
});

test('every required parameter of a supported action is taken', () => {
  for (const { action, parameters } of supported()) {
    const required = model.shapes[model.operations[action]?.input.shape ?? '']?.required ?? [];
    expect(parameters, action).toEqual(expect.arrayContaining([...required]));
  }
});

test('every list that the model says is paged takes a page size and a marker', () => {
  const paged = supported().filter(({ action }) => model.pagination[action]);
  expect(paged.length).toBeGreaterThan(8);
  for (const { action, parameters } of paged)
    expect(parameters, action).toEqual(expect.arrayContaining(['MaxRecords', 'Marker']));
});

test('what a drill of RDS needs is supported', () => {
  expect([...actions.keys()]).toEqual(
    expect.arrayContaining([
      'AddTagsToResource',
      'CopyDBSnapshot',
      'CreateDBInstance',
      'CreateDBInstanceReadReplica',
      'CreateDBParameterGroup',
      'CreateDBSnapshot',
      'CreateDBSubnetGroup',
      'DeleteDBInstance',
      'DeleteDBParameterGroup',
      'DeleteDBSnapshot',
      'DeleteDBSubnetGroup',
      'DescribeDBEngineVersions',
      'DescribeDBInstanceAutomatedBackups',
      'DescribeDBInstances',
      'DescribeDBParameterGroups',
      'DescribeDBParameters',
      'DescribeDBSnapshotAttributes',
      'DescribeDBSnapshots',
      'DescribeDBSubnetGroups',
      'DescribeEvents',
      'DescribeOrderableDBInstanceOptions',
      'ListTagsForResource',
      'ModifyDBInstance',
      'ModifyDBParameterGroup',
      'ModifyDBSnapshotAttribute',
      'ModifyDBSubnetGroup',
      'PromoteReadReplica',
      'RebootDBInstance',
      'RemoveTagsFromResource',
      'RestoreDBInstanceFromDBSnapshot',
      'RestoreDBInstanceToPointInTime',
      'StartDBInstance',
      'StartDBInstanceAutomatedBackupsReplication',
      'StopDBInstance',
      'StopDBInstanceAutomatedBackupsReplication',
    ]),
  );
});
