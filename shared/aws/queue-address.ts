import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { openByCall } from '../delivery/aws-call.ts';
import { TargetMisconfigured } from '../delivery/target.ts';

/** @throws TargetMisconfigured where there is no such queue, or it may not be used */
export async function queueUrl(sqs: SQSClient, name: string): Promise<string> {
  const about = { action: 'sqs:GetQueueUrl', on: `queue "${name}"` };
  const { QueueUrl } = await openByCall(about, sqs.send(new GetQueueUrlCommand({ QueueName: name })));
  if (QueueUrl === undefined) throw new TargetMisconfigured(`queue "${name}" has no address`);
  return QueueUrl;
}

/** The ARN's parts tell partition, Region and account. */
export async function queueArn(sqs: SQSClient, name: string): Promise<string> {
  const about = { action: 'sqs:GetQueueAttributes', on: `queue "${name}"` };
  const asking = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(sqs, name),
    AttributeNames: ['QueueArn'],
  });
  const { Attributes } = await openByCall(about, sqs.send(asking));
  if (Attributes?.QueueArn === undefined) throw new TargetMisconfigured(`queue "${name}" has no ARN`);
  return Attributes.QueueArn;
}
