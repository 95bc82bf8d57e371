/** Names a backup of the plan. */
export interface BackupPlace {
  readonly database: string;
  readonly backup: string;
}

/** Names one recovery point of a backup. */
export interface RecoveryPointPlace extends BackupPlace {
  readonly id: string;
}
