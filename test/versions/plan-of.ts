/** One database of the plan: its secrets, by their names. */
export interface PlannedDatabase {
  readonly name: string;
  readonly secret: string;
  readonly scratchSecret: string;
}

export const CA_SECRET = 'versions/ca';

/** A plan as a person would write it, with a restore test named after each database. JSON is YAML. */
export function planOf(databases: readonly PlannedDatabase[]): string {
  const each = <Entry>(entry: (database: PlannedDatabase) => Entry) =>
    Object.fromEntries(databases.map((database) => [database.name, entry(database)]));
  return JSON.stringify({
    lifeboat: 1,
    workload: 'versions',
    description: 'Databases of every version of PostgreSQL that AWS supports.',
    notifications: { oncall: { email: ['oncall@versions.example.com'] } },
    regions: { primary: 'us-east-1', standby: 'us-west-2' },
    objectives: { rpo: '24h', rto: '1h', scenarios: { corruption: { rpo: '24h', rto: '1h' } } },
    vault: { lock: 'governance' },
    databases: each(({ secret }) => ({
      postgres: { secret, certificateAuthority: CA_SECRET },
      heartbeat: { every: '1m' },
      backups: { full: { logical: { rows: 'binary' }, schedule: 'cron(0 2 * * ? *)', retention: '1d' } },
    })),
    restoreTests: each(({ name, scratchSecret }) => ({
      from: { database: name, backup: 'full', choose: 'newest' },
      into: { scratchDatabase: { secret: scratchSecret, certificateAuthority: CA_SECRET, expires: '6h' } },
      schedule: 'cron(0 4 * * ? *)',
      scenario: 'corruption',
      freshness: '5m',
      checks: [],
    })),
  });
}
