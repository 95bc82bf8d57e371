import {
  type DeadLetter,
  type ReceivedMessage,
  receivedMessage,
} from '../../../shared/replay/message/dead-letter.ts';

/** A message as a worker receives it; a test says what differs. */
export function received(difference: Partial<Omit<DeadLetter, 'content' | 'wrapper'>> = {}): ReceivedMessage {
  return receivedMessage({
    messageId: '5fea7756-0ea4-451a-a703-a558b933e274',
    receiptHandle: 'receipt of 5fea7756',
    body: '{"order":1}',
    attributes: {},
    sentAt: new Date('2026-03-01T12:00:00Z'),
    receiveCount: 4,
    groupId: null,
    deduplicationId: null,
    sourceArn: null,
    traceHeader: null,
    senderId: null,
    firstReceivedAt: null,
    ...difference,
  });
}

/** A dead letter, its body parsed. */
export const deadLetter = (difference: Partial<Omit<DeadLetter, 'content' | 'wrapper'>> = {}): DeadLetter =>
  received(difference).message;

/** A notification as SNS writes it. https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html */
export const envelope = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic',
  Subject: 'My First Message',
  Message: '{"eventType":"Delivery"}',
  Timestamp: '2012-05-02T00:54:06.655Z',
  SignatureVersion: '1',
  Signature: 'EXAMPLEw6JRN',
  SigningCertURL:
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem',
  UnsubscribeURL:
    'https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-west-2:123456789012:MyTopic:c9135db0-26c4-47ec-8998-413945fb5a96',
};
