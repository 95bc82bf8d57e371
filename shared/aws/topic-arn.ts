/** The ARN of a topic in the account and Region of a queue: of the two, the queue is the one whose ARN can be asked for. */
export function topicArnBeside(queueArn: string, topic: string): string {
  const [arn, partition, , region, accountId] = queueArn.split(':');
  return [arn, partition, 'sns', region, accountId, topic].join(':');
}
