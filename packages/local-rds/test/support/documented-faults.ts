import { supported } from '../../api/registry.ts';
import type { ServiceModel } from '../../protocol/service-model.ts';

/** Faults of what this service does not have: no request can bring them about. */
const OF_WHAT_IS_NOT_HERE: Readonly<Record<string, readonly string[]>> = {
  clusters: [
    'DBClusterNotFoundFault',
    'DBClusterSnapshotNotFoundFault',
    'InvalidDBClusterEndpointStateFault',
    'InvalidDBClusterStateFault',
    'DBShardGroupNotFoundFault',
  ],
  proxies: ['DBProxyNotFoundFault', 'DBProxyEndpointNotFoundFault', 'DBProxyTargetGroupNotFoundFault'],
  'blue and green deployments, integrations and tenant databases': [
    'BlueGreenDeploymentNotFoundFault',
    'IntegrationNotFoundFault',
    'TenantDatabaseNotFoundFault',
    'TenantDatabaseQuotaExceededFault',
    'DBSnapshotTenantDatabaseNotFoundFault',
  ],
  'directories, certificates to choose from, and backup policies': [
    'DomainNotFoundFault',
    'CertificateNotFoundFault',
    'BackupPolicyNotFoundFault',
    'CustomAvailabilityZoneNotFoundFault',
  ],
  'networks, and the security groups of before': [
    'InvalidVPCNetworkStateFault',
    'VpcEncryptionControlViolationException',
    'NetworkTypeNotSupported',
    'AuthorizationNotFoundFault',
    'DBSecurityGroupNotFoundFault',
    'InvalidDBSecurityGroupStateFault',
    'SubnetAlreadyInUse',
    'InvalidDBSubnetStateFault',
    'InvalidDBSubnetGroupFault',
    'DBSubnetGroupNotAllowedFault',
    'DBSubnetQuotaExceededFault',
  ],
  'a limit to what the machines and their storage hold': [
    'InsufficientDBInstanceCapacityFault',
    'ProvisionedIopsNotAvailableInAZFault',
    'StorageTypeNotSupportedFault',
    'StorageQuotaExceededFault',
  ],
  'upgrades, and engines whose backups cannot be restored': [
    'DBUpgradeDependencyFailureFault',
    'InvalidRestoreFault',
  ],
};

/** Pairs of an action and a fault that cannot meet here, by the reason. */
const CANNOT_MEET: Readonly<Record<string, readonly string[]>> = {
  'a group was checked when it was made, and cannot be deleted while it is used': [
    'CreateDBInstance DBSubnetGroupDoesNotCoverEnoughAZs',
    'CreateDBInstance InvalidSubnet',
    'CreateDBInstanceReadReplica DBSubnetGroupDoesNotCoverEnoughAZs',
    'CreateDBInstanceReadReplica InvalidSubnet',
    'RestoreDBInstanceFromDBSnapshot DBSubnetGroupDoesNotCoverEnoughAZs',
    'RestoreDBInstanceFromDBSnapshot InvalidSubnet',
    'RestoreDBInstanceToPointInTime DBSubnetGroupDoesNotCoverEnoughAZs',
    'RestoreDBInstanceToPointInTime InvalidSubnet',
    'StartDBInstance DBSubnetGroupDoesNotCoverEnoughAZs',
    'StartDBInstance DBSubnetGroupNotFoundFault',
    'StartDBInstance InvalidSubnet',
  ],
  'it is done in every state': [
    'AddTagsToResource InvalidDBInstanceStateFault',
    'RemoveTagsFromResource InvalidDBInstanceStateFault',
    'RestoreDBInstanceToPointInTime InvalidDBInstanceStateFault',
    'StopDBInstanceAutomatedBackupsReplication InvalidDBInstanceStateFault',
    'ModifyDBParameterGroup InvalidDBParameterGroupStateFault',
    'ResetDBParameterGroup InvalidDBParameterGroupStateFault',
    'ModifyDBSubnetGroup InvalidDBSubnetGroupStateFault',
  ],
  'nothing is encrypted anew: a final snapshot is under the key of its instance': [
    'DeleteDBInstance KMSKeyNotAccessibleFault',
    'ModifyDBInstance KMSKeyNotAccessibleFault',
  ],
  'option groups cannot be changed': ['ModifyDBInstance OptionGroupNotFoundFault'],
  'automated backups that are kept are not limited': [
    'DeleteDBInstance DBInstanceAutomatedBackupQuotaExceededFault',
  ],
};

/** What tests of states provoke, which are a file of their own. */
export const PROVOKED_BY_STATES: readonly string[] = [
  'CopyDBSnapshot InvalidDBSnapshotStateFault',
  'CopyDBSnapshot SnapshotQuotaExceededFault',
  'CreateDBSnapshot InvalidDBInstanceStateFault',
  'DeleteDBInstance InvalidDBInstanceStateFault',
  'DeleteDBSnapshot InvalidDBSnapshotStateFault',
  'ModifyDBInstance InvalidDBInstanceStateFault',
  'PromoteReadReplica InvalidDBInstanceStateFault',
  'RebootDBInstance InvalidDBInstanceStateFault',
  'RestoreDBInstanceFromDBSnapshot InvalidDBSnapshotStateFault',
  'StartDBInstance InvalidDBInstanceStateFault',
  'StopDBInstance InvalidDBInstanceStateFault',
];

/** Every pair of a supported action and a fault that AWS documents for it and that can be brought about here. */
export function documentedFaults({ operations }: ServiceModel): string[] {
  const excused = new Set([
    ...Object.values(CANNOT_MEET).flat(),
    ...excusedFaults().flatMap((fault) => supported().map(({ action }) => `${action} ${fault}`)),
  ]);
  return supported()
    .flatMap(({ action }) => (operations[action]?.errors ?? []).map(({ shape }) => `${action} ${shape}`))
    .filter((pair) => !excused.has(pair));
}

/** Pairs that are excused. One that is answered after all is a reason too many. */
export function excusedPairs(): string[] {
  return Object.values(CANNOT_MEET).flat();
}

export function excusedFaults(): string[] {
  return Object.values(OF_WHAT_IS_NOT_HERE).flat();
}
