import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { openByCall } from './aws-call.ts';
import { TargetMisconfigured } from './target.ts';

/**
 * Finds the URL of a queue in this account and Region.
 *
 * @throws TargetMisconfigured where the queue does not exist or the call is not allowed
 */
export async function queueUrl(sqs: SQSClient, name: string): Promise<string> {
  const about = { action: 'sqs:GetQueueUrl', on: `queue "${name}"` };
  const { QueueUrl } = await openByCall(about, sqs.send(new GetQueueUrlCommand({ QueueName: name })));
  if (QueueUrl === undefined) throw new TargetMisconfigured(`queue "${name}" has no address`);
  return QueueUrl;
}

/**
 * Finds the ARN of a queue, which also tells partition, Region and account.
 *
 * @throws TargetMisconfigured as above
 */
export async function queueArn(sqs: SQSClient, name: string): Promise<string> {
  const about = { action: 'sqs:GetQueueAttributes', on: `queue "${name}"` };
  const call = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(sqs, name),
    AttributeNames: ['QueueArn'],
  });
  const { Attributes } = await openByCall(about, sqs.send(call));
  if (Attributes?.QueueArn === undefined) throw new TargetMisconfigured(`queue "${name}" has no ARN`);
  return Attributes.QueueArn;
}
