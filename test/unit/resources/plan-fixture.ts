import { parsePlan } from '../../../shared/plan/load.ts';
import type { Plan } from '../../../shared/plan/schema.ts';

/** A database of a plan. A test states what differs. */
export const DATABASE = {
  postgres: { secret: 'shop/database', certificateAuthority: 'shop/ca' },
  heartbeat: { every: '1m' },
  backups: {
    full: { logical: {}, schedule: 'cron(0 2 * * ? *)', retention: '30d' },
    wal: { pointInTime: {}, takenBy: 'pgBackRest', schedule: 'rate(15 minutes)', retention: '7d' },
  },
};

/** A restore test of a plan. A test states what differs. */
export const RESTORE_TEST = {
  from: { database: 'main', backup: 'full', choose: 'newest' },
  into: { scratchDatabase: { secret: 'shop/scratch', certificateAuthority: 'shop/ca', expires: '6h' } },
  schedule: 'cron(0 4 * * ? *)',
  scenario: 'crash',
  freshness: '5m',
  checks: [],
};

/** A database on RDS with snapshots, and a restore test of them. */
export const ON_RDS = {
  databases: {
    main: {
      ...DATABASE,
      rds: { instance: 'orders' },
      backups: {
        ...DATABASE.backups,
        hourly: { rdsSnapshot: {}, schedule: 'rate(1 hour)', retention: '7d' },
      },
    },
  },
  restoreTests: {
    nightly: RESTORE_TEST,
    snapshots: {
      ...RESTORE_TEST,
      from: { database: 'main', backup: 'hourly', choose: 'newest' },
      into: { scratchInstance: { securityGroups: ['sg-0a1b2c3d'], expires: '12h' } },
    },
  },
};

/** A replay of a plan. */
export const QUEUE = { deadLetters: 'orders-dlq', target: { queue: 'orders' }, scenario: 'crash' };

/** A replay into a webhook that SNS delivers to as well. */
export const WEBHOOK = {
  deadLetters: 'mails-dlq',
  target: { webhook: { secret: 'shop/webhook' } },
  scenario: 'crash',
  subscription: { topic: 'mails' },
};

const PLAN = {
  lifeboat: 1,
  workload: 'shop',
  description: 'A shop',
  regions: { primary: 'eu-central-1', standby: 'eu-west-1' },
  objectives: { rpo: '15m', rto: '30m', scenarios: { crash: { rpo: '15m', rto: '20m' } } },
  vault: { lock: 'governance' },
  databases: { main: DATABASE },
  restoreTests: { nightly: RESTORE_TEST },
  notifications: { oncall: { email: ['oncall@shop.example.com'] } },
};

/** A plan of one database and nothing else, but for what differs. */
export const planOf = (difference: object = {}): Plan =>
  parsePlan(JSON.stringify({ ...PLAN, ...difference }), 'shop.yml'); // JSON is YAML
