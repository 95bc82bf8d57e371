/** A small plan with one of everything that may stand in one, and nothing wrong. */
export const PLAN = `lifeboat: 1
workload: shop
description: A shop
regions:
  primary: us-east-1
  standby: us-west-2
objectives:
  rpo: 15m
  rto: 30m
  scenarios:
    corruption: { rpo: 15m, rto: 20m }
vault:
  lock: governance
databases:
  main:
    postgres:
      secret: shop/database
      certificateAuthority: shop/database-ca
      network:
        subnets: [subnet-0a1b2c3d4e5f60001]
        securityGroups: [sg-0a1b2c3d]
    heartbeat:
      every: 1m
    backups:
      full:
        logical:
          rows: text
        schedule: cron(0 2 * * ? *)
        retention: 30d
      wal:
        pointInTime: {}
        takenBy: pgBackRest on the database host
        schedule: rate(15 minutes)
        retention: 7d
restoreTests:
  nightly:
    from:
      database: main
      backup: full
      choose: newest
    into:
      scratchDatabase:
        secret: shop/scratch
        certificateAuthority: shop/scratch-ca
        expires: 6h
    schedule: on-demand
    scenario: corruption
    freshness: 5m
    afterRestore:
      - UPDATE jobs SET active = false
    checks:
      - name: orders came back
        sql: SELECT count(*) FROM orders
        expect: { atLeast: 1 }
      - name: no order is paid twice
        sql: SELECT id FROM payments GROUP BY id HAVING count(*) > 1
        expect: { noRows: true }
artifacts:
  templates: { takenBy: the build, schedule: on-change, retention: 90d, where: s3://shop/templates/ }
notifications:
  oncall: { email: [oncall@shop.example.com], on: [failed, alarm] }
replays:
  payments:
    deadLetters: payments-dlq
    format: sns
    key: message.paymentId
    maxAge: 7d
    filter: message.amount > \`0\`
    target:
      webhook:
        secret: shop/webhook
        certificateAuthority: shop/webhook-ca
        timeout: 5s
        health: /health
    alreadyApplied:
      database: main
      sql: SELECT 1 FROM payments WHERE id = $1
    pace:
      rate: 100
      inFlight: 20
      workers: 4
    canary: 2
    failureRatio: 0.2
    ledger: 20d
    quarantine: 30d
    start:
      depth: 10
      for: 5m
    schedule: rate(1 hour)
    scenario: corruption
    subscription:
      topic: payments
  mails:
    deadLetters: mails-dlq.fifo
    target: { queue: mails.fifo }
    scenario: corruption
rehydrations:
  jobs:
    database: main
    sql: SELECT id AS key, job AS body FROM jobs
    into: { queue: jobs }
  carts:
    database: main
    sql: SELECT id AS key, cart AS body FROM carts
    into:
      redisList:
        secret: shop/redis
        list: carts
`;

/**
 * The plan with one passage replaced.
 *
 * @throws {Error} unless the passage occurs exactly once, so that no test passes because it changed nothing
 */
export function planWith(passage: string, replacement: string, plan = PLAN): string {
  const [before, after, ...more] = plan.split(passage);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${JSON.stringify(passage)} does not occur exactly once in the plan`);
  }
  return `${before}${replacement}${after}`;
}
