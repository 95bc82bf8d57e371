import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A table with the keys of the template's ledger. */
export function createLedgerTable(dynamo: DynamoDBClient, name: string): Promise<string> {
  return createTable(dynamo, name, ['key']);
}

/** A table with the keys of the template's journal. */
export function createJournalTable(dynamo: DynamoDBClient, name: string): Promise<string> {
  return createTable(dynamo, name, ['workload', 'run']);
}

async function createTable(dynamo: DynamoDBClient, name: string, keys: readonly string[]): Promise<string> {
  await dynamo.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
      KeySchema: keys.map((key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    }),
  );
  return name;
}
