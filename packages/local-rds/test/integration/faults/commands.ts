import * as sdk from '@aws-sdk/client-rds';
import { account, master } from '../../support/local-rds.ts';

/* Commands as the tables of refused requests write them. */

export const elsewhere = 'eu-central-1';
export const other = '210987654321';
export const arn = (kind: string, name: string, region = 'eu-west-1') =>
  `arn:aws:rds:${region}:${account}:${kind}:${name}`;

/** Of any kind. The SDK has no type for it. */
type AnyCommand = { readonly input: object };
/** For `client.send`, which takes one kind of command at a time. */
export const sendable = (command: AnyCommand) => command as unknown as sdk.DescribeDBInstancesCommand;
interface Where {
  readonly region?: string;
  readonly as?: string;
}
/** A request and how it is refused. `message` is a part of the fault's message; `where` the Region and account that ask. */
export type Row = [about: string, command: AnyCommand, fault: string, message?: string, where?: Where];

export const create = (wanted: Partial<sdk.CreateDBInstanceCommandInput>) =>
  new sdk.CreateDBInstanceCommand({
    DBInstanceIdentifier: 'new',
    Engine: 'postgres',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: 20,
    ...master,
    ...wanted,
  });
export const modify = (wanted: Partial<sdk.ModifyDBInstanceCommandInput>) =>
  new sdk.ModifyDBInstanceCommand({ DBInstanceIdentifier: 'plain', ApplyImmediately: true, ...wanted });
export const restore = (wanted: Partial<sdk.RestoreDBInstanceFromDBSnapshotCommandInput>) =>
  new sdk.RestoreDBInstanceFromDBSnapshotCommand({
    DBInstanceIdentifier: 'new',
    DBSnapshotIdentifier: 'plain-1',
    ...wanted,
  });
export const rewind = (wanted: Partial<sdk.RestoreDBInstanceToPointInTimeCommandInput>) =>
  new sdk.RestoreDBInstanceToPointInTimeCommand({ TargetDBInstanceIdentifier: 'new', ...wanted });
export const copy = (source: string, target = 'new', wanted: Partial<sdk.CopyDBSnapshotCommandInput> = {}) =>
  new sdk.CopyDBSnapshotCommand({
    SourceDBSnapshotIdentifier: source,
    TargetDBSnapshotIdentifier: target,
    ...wanted,
  });
export const replica = (source: string, wanted: Partial<sdk.CreateDBInstanceReadReplicaCommandInput> = {}) =>
  new sdk.CreateDBInstanceReadReplicaCommand({
    DBInstanceIdentifier: 'new',
    SourceDBInstanceIdentifier: source,
    ...wanted,
  });
export const tag = (Key: string, Value = 'v') => ({ Key, Value });
export const parameters = (...given: [string, string, sdk.ApplyMethod?][]) =>
  new sdk.ModifyDBParameterGroupCommand({
    DBParameterGroupName: 'tuned',
    Parameters: given.map(([ParameterName, ParameterValue, ApplyMethod = 'pending-reboot']) => ({
      ParameterName,
      ParameterValue,
      ApplyMethod,
    })),
  });
export const attribute = (id: string, add: string[], AttributeName = 'restore') =>
  new sdk.ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: id, AttributeName, ValuesToAdd: add });
export const nobody = { DBInstanceIdentifier: 'nobody' };
export const there = { region: elsewhere };
export const secretThere = arn('snapshot', 'secret-1');
