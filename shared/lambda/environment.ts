import * as z from 'zod';

/** Settings by concept: a function's schema is made of the ones it needs, and of no other. */
export const VaultSettings = z.object({ VAULT_BUCKET: z.string().min(1) });
export const JournalSettings = z.object({ JOURNAL_TABLE: z.string().min(1) });
/** The table of the standby Region that holds what was seen of the primary, and who may fail over. */
export const FailoverSettings = z.object({ FAILOVER_TABLE: z.string().min(1) });
export const LedgerSettings = z.object({ LEDGER_TABLE: z.string().min(1) });

/** Lambda sets it in every function. */
export const RegionSettings = z.object({ AWS_REGION: z.string().min(1) });

/** The table of the locks that only the standby Region has. */
export const LocksSettings = z.object({ LOCKS_TABLE: z.string().min(1) });

/** The name of the stack: it tells the snapshots of one deployment from those of another. */
export const DeploymentSettings = z.object({ DEPLOYMENT: z.string().min(1) });

/** Connections to a database that work at the same time. Two vCPUs come with 1,769 MB of memory each. */
export const ConnectionSettings = z.object({ CONNECTIONS: z.coerce.number().int().min(1).max(32) });

/** The variable in which a function inside a VPC finds the ids of its subnets, separated by commas. */
export const SUBNETS = 'SUBNETS';
