import { CreateDBInstanceCommand, RDSClient, waitUntilDBInstanceAvailable } from '@aws-sdk/client-rds';
import { startLocalAws } from '../../../local/start.ts';
import { often } from './often.ts';

/* A local AWS with an instance of RDS, as a program of its own, for a test that kills it. Says on its output where it lives. */

const aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
const { endpoint, region, accountId } = aws;
const client = new RDSClient({
  endpoint,
  region,
  credentials: { accessKeyId: accountId, secretAccessKey: 'any' },
});
await client.send(
  new CreateDBInstanceCommand({
    DBInstanceIdentifier: 'shop',
    Engine: 'postgres',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: 20,
    BackupRetentionPeriod: 0,
    MasterUsername: 'app',
    MasterUserPassword: 'only-for-this-test',
  }),
);
const waiter = { client, ...often };
await waitUntilDBInstanceAvailable(waiter, { DBInstanceIdentifier: 'shop' });
process.stdout.write(`${JSON.stringify({ runFolder: aws.runFolder })}\n`);
