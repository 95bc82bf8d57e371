import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});
const dynamodb = new DynamoDBClient({});

/** Tries what its role allows (an object) and what it does not (an item), and tells what came of each. */
export async function handler({ key }: { key: string }) {
  return {
    node: process.version,
    object: await outcome(s3.send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: key, Body: 'x' }))),
    item: await outcome(
      dynamodb.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { pk: { S: key } } })),
    ),
  };
}

const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );
