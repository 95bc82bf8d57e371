/** How many there may be, of each account in each Region. */
export interface Quotas {
  readonly instances: number;
  readonly manualSnapshots: number;
  /** Copies of snapshots that are under way at one time, counted in the Region that they go to. */
  readonly snapshotCopiesInFlight: number;
  readonly replicasOfOneSource: number;
  /** Copies of other Regions' automated backups. */
  readonly automatedBackupReplications: number;
  readonly subnetGroups: number;
  readonly parameterGroups: number;
  readonly tagsOfOneThing: number;
  readonly accountsOfOneSnapshot: number;
}

/** What AWS gives a new account: "Quotas and constraints for Amazon RDS" in its user guide. */
export const defaultQuotas: Quotas = {
  instances: 40,
  manualSnapshots: 100,
  snapshotCopiesInFlight: 20,
  replicasOfOneSource: 15,
  automatedBackupReplications: 20,
  subnetGroups: 50,
  parameterGroups: 50,
  tagsOfOneThing: 50,
  accountsOfOneSnapshot: 20,
};
