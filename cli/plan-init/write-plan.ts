import { stringify } from 'yaml';
import { type Answers, splitTarget } from './answers.ts';

/** A value as YAML, quoted only where it has to be. */
const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trim();

/**
 * The text of a new plan: small, with a comment on what a person may want to change.
 *
 * @param schemaPath where editors find the JSON Schema, as seen from the plan
 */
export function writePlan(answers: Answers, schemaPath: string): string {
  const { workload, description, region, standby, rpo, rto, backupAt } = answers;
  const [hour = '2', minute = '0'] = backupAt.split(':').map((part) => String(Number(part)));
  return `# yaml-language-server: $schema=${schemaPath}
lifeboat: 1
workload: ${yaml(workload)}
description: ${yaml(description)}

regions:
  primary: ${yaml(region)}
  standby: ${yaml(standby)}

# What the business asks for. A scenario may ask for more or less than the rest.
objectives:
  rpo: ${rpo}
  rto: ${rto}
  scenarios:
    database-lost: { rpo: ${rpo}, rto: ${rto} }${answers.queue ? `\n    messages-lost: { rpo: ${rpo}, rto: ${rto} }` : ''}

vault:
  # governance: a principal with s3:BypassGovernanceRetention can still delete. compliance: no principal can, until it expires.
  lock: governance

databases:
  main:
    postgres:
      # {"host", "port", "username", "password", "dbname"}, as RDS writes it. The role may read every table.
      secret: ${yaml(answers.databaseSecret)}
      # PEM. For RDS the bundle of the Region: https://truststore.pki.rds.amazonaws.com
      certificateAuthority: ${yaml(answers.caSecret)}
${network(answers)}    # A row with the time, written to schema "lifeboat": it tells how far a copy reaches.
    heartbeat: { every: 1m }
    backups:
      # "worst loss" in "plan check" is the longest time between two backups.
      full: { logical: {}, schedule: cron(${minute} ${hour} * * ? *), retention: 30d }

# Each night the newest backup is restored into a database of its own, compared with its source, and dropped.
restoreTests:
  nightly:
    from: { database: main, backup: full, choose: newest }
    into:
      scratchDatabase:
        # Another server than the one above, where the role may create databases.
        secret: ${yaml(answers.scratchSecret)}
        certificateAuthority: ${yaml(answers.caSecret)}
        expires: 6h
    schedule: cron(${minute} ${(Number(hour) + 2) % 24} * * ? *)
    scenario: database-lost
    freshness: 5m
    # Your own questions to the copy, besides the comparison of every row:
    #   - name: orders came back
    #     sql: SELECT count(*) FROM orders
    #     expect: { atLeast: 1 }
    checks: []
${replays(answers)}
notifications:
  oncall: { email: [${yaml(answers.email)}] }
`;
}

function network({ subnets, securityGroups }: Answers): string {
  if (subnets.length === 0)
    return `      # Where the functions run that reach the database; without it outside of any VPC.
      # network: { subnets: [subnet-…, subnet-…], securityGroups: [sg-…] }
`;
  return `      network:
        subnets: ${yaml(subnets)}
        securityGroups: ${yaml(securityGroups)}
`;
}

function replays({ queue, target = '' }: Answers): string {
  if (!queue) return '';
  return `
# What an outage left in the dead-letter queue is delivered, each message once.
replays:
  ${nameOf(queue)}:
    deadLetters: ${yaml(queue)}
    target: ${targetOf(target)}${shapeOf(target)}
    # A replay is started by a person until you say more:
    # start: { depth: 100, for: 5m }  # by an alarm on the queue's depth
    # schedule: rate(15 minutes)      # and again while the receiver is still down
    scenario: messages-lost
`;
}

/** A name of the plan language, made of the queue's. */
function nameOf(queue: string): string {
  const letters = queue
    .replace(/\.fifo$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 31);
  return letters || 'dead-letters';
}

/** A function is called in the shape in which it first got its messages, which is known to the person alone. */
function shapeOf(written: string): string {
  if (splitTarget(written).kind !== 'function') return '';
  return '\n    as: sqs-event # or payload, where the function is invoked asynchronously';
}

function targetOf(written: string): string {
  const { kind, to } = splitTarget(written);
  if (kind === 'webhook')
    return `{ webhook: { secret: ${yaml(to)} } } # {"url": "https://…", "headers": {…}}`;
  if (kind === 'function') return `{ function: { name: ${yaml(to)} } }`;
  return `{ ${kind}: ${yaml(to)} }`;
}
