/** Makes the ARN of a topic in the account and Region of a queue. SQS tells a queue's ARN by its name; SNS has no such call. */
export function topicArnBeside(queueArn: string, topic: string): string {
  const [arn, partition, , region, accountId] = queueArn.split(':');
  return [arn, partition, 'sns', region, accountId, topic].join(':');
}
