// A worker that claims the given keys, reports it, and then waits until it is killed.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../../../shared/clock/clock.ts';
import { dynamoLedger } from '../../../shared/ledger/dynamo-ledger.ts';

const [table = '', owner = '', leaseUntil = '', ...keys] = process.argv.slice(2);
const ledger = dynamoLedger(new DynamoDBClient(), table, {
  scope: 'events',
  owner,
  runId: 'run',
  retention: 86_400_000,
  clock: systemClock,
});
const claims = await ledger.claim(
  keys.map((key) => ({ key, bodyHash: `hash of ${key}`, messageId: `message of ${key}` })),
  new Date(leaseUntil),
);
process.stdout.write(`${JSON.stringify(claims)}\n`);
setInterval(() => {}, 60_000);
