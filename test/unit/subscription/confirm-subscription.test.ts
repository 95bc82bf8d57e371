import { ConfirmSubscriptionCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { confirmSubscription } from '../../../shared/subscription/confirm-subscription.ts';
import { certificateHostOf } from '../../../shared/subscription/confirmation.ts';
import { type Signing, startSigning } from './signing.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:events';
const sns = mockClient(SNSClient);
let signing: Signing;

beforeAll(async () => {
  signing = await startSigning();
});

afterAll(() => signing?.stop());

beforeEach(() => {
  signing.trouble(null);
  sns.reset();
  sns.on(ConfirmSubscriptionCommand).resolves({ SubscriptionArn: `${TOPIC}:1` });
});

let certificates = 0;

/** As SNS writes it, not signed yet. Each has a certificate of its own, for the library fetches an address once. */
function unsigned(difference: Record<string, string> = {}): Record<string, string> {
  certificates += 1;
  return {
    Type: 'SubscriptionConfirmation',
    MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
    Token: '2336412f37fb687f5d51e6e2425e90',
    TopicArn: TOPIC,
    Message:
      'You have chosen to subscribe to the topic.\nTo confirm the subscription, visit the SubscribeURL.',
    SubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}`,
    Timestamp: '2026-03-01T12:00:00.000Z',
    SigningCertURL: `https://${signing.host}/SimpleNotificationService-${certificates}.pem`,
    ...difference,
  };
}

const confirm = (message: unknown, topics = [TOPIC]) =>
  confirmSubscription(
    new SNSClient({ region: 'us-east-1' }),
    typeof message === 'string' ? message : JSON.stringify(message),
    new Set(topics),
    () => signing.host,
  );

const untrusted = (says: RegExp) => ({
  name: 'ConfirmationUntrusted',
  message: expect.stringMatching(says),
});

describe('a confirmation', () => {
  test.each(['1', '2'] as const)('that SNS signed by version %s is passed on', async (version) => {
    expect(await confirm(signing.sign(unsigned(), version))).toBe(`${TOPIC}:1`);
    expect(sns.commandCalls(ConfirmSubscriptionCommand)[0]?.args[0].input).toEqual({
      TopicArn: TOPIC,
      Token: '2336412f37fb687f5d51e6e2425e90',
      AuthenticateOnUnsubscribe: 'true',
    });
  });

  test('may have fields that SNS adds one day', async () => {
    await confirm({ ...signing.sign(unsigned(), '2'), New: { field: 1 } });
    expect(sns.commandCalls(ConfirmSubscriptionCommand)).toHaveLength(1);
  });

  test('is for one of the topics of the plan', async () => {
    await confirm(signing.sign(unsigned(), '2'), ['arn:aws:sns:us-east-1:123456789012:other', TOPIC]);
    expect(sns.commandCalls(ConfirmSubscriptionCommand)).toHaveLength(1);
  });

  test('whose token is void says what to do', async () => {
    sns
      .on(ConfirmSubscriptionCommand)
      .rejects(Object.assign(new Error('Invalid token'), { name: 'InvalidParameterException' }));
    await expect(confirm(signing.sign(unsigned(), '2'))).rejects.toMatchObject({
      name: 'ConfirmationExpired',
    });
  });

  test('that the role may not pass on says which action to allow', async () => {
    sns
      .on(ConfirmSubscriptionCommand)
      .rejects(Object.assign(new Error('no'), { name: 'AuthorizationErrorException' }));
    await expect(confirm(signing.sign(unsigned(), '2'))).rejects.toMatchObject({
      name: 'TopicForbidden',
      message: expect.stringContaining('sns:ConfirmSubscription'),
    });
  });
});

describe('nothing is confirmed', () => {
  const expectNothingConfirmed = () => expect(sns.calls()).toEqual([]);

  test.each([
    ['Token', 'ffffffff'],
    ['Message', 'another'],
    ['MessageId', 'another'],
    ['SubscribeURL', 'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=other'],
    ['Timestamp', '2026-03-01T12:00:01.000Z'],
    ['Signature', 'QUJD'],
    ['Signature', '!'],
  ])('where %s was altered after it was signed', async (field, value) => {
    for (const version of ['1', '2'] as const) {
      const altered = { ...signing.sign(unsigned(), version), [field]: value };
      await expect(confirm(altered)).rejects.toMatchObject(untrusted(/signature/));
    }
    expectNothingConfirmed();
  });

  test('where the topic was altered, though it is one of the plan', async () => {
    const other = 'arn:aws:sns:us-east-1:123456789012:other';
    const altered = { ...signing.sign(unsigned(), '2'), TopicArn: other };
    await expect(confirm(altered, [TOPIC, other])).rejects.toMatchObject(untrusted(/signature/));
    expectNothingConfirmed();
  });

  test('where the version was altered', async () => {
    const signed = signing.sign(unsigned(), '2');
    await expect(confirm({ ...signed, SignatureVersion: '1' })).rejects.toMatchObject(untrusted(/signature/));
    await expect(confirm({ ...signed, SignatureVersion: '3' })).rejects.toMatchObject(
      untrusted(/SignatureVersion/),
    );
    expectNothingConfirmed();
  });

  test('where another key signed it, and its certificate is not looked for where the message says', async () => {
    const forger = await startSigning({ trusted: false });
    try {
      await expect(confirm(forger.sign(unsigned(), '2'))).rejects.toMatchObject(untrusted(/signature/));
      const withItsCertificate = forger.sign(unsigned({ SigningCertURL: forger.certificateUrl }), '2');
      await expect(confirm(withItsCertificate)).rejects.toMatchObject(untrusted(/not a \.pem on/));
      expect(forger.fetched()).toBe(0);
    } finally {
      await forger.stop();
    }
    expectNothingConfirmed();
  });

  test('for a topic that the plan does not name, and its certificate is not even fetched', async () => {
    const before = signing.fetched();
    await expect(confirm(signing.sign(unsigned(), '2'), [`${TOPIC}-2`])).rejects.toMatchObject(
      untrusted(/topic arn:aws:sns:us-east-1:123456789012:events, and the plan looks after .*events-2/),
    );
    await expect(confirm(signing.sign(unsigned(), '2'), [])).rejects.toMatchObject(untrusted(/none/));
    expect(signing.fetched()).toBe(before);
    expectNothingConfirmed();
  });

  test.each([
    ['of an unsubscribed endpoint', { Type: 'UnsubscribeConfirmation' }, /was unsubscribed/],
    ['of something else', { Type: 'Notification' }, /Type/],
    ['with an empty token', { Token: '' }, /Token/],
    ['with a token of two lines', { Token: 'a\nTopicArn\nb' }, /Token/],
    ['with an id of two lines', { MessageId: 'a\nb' }, /MessageId/],
  ])('by a message %s, though SNS signed it', async (_, difference, says) => {
    await expect(confirm(signing.sign(unsigned(difference), '2'))).rejects.toMatchObject(untrusted(says));
    expectNothingConfirmed();
  });

  test.each([
    ['no JSON', 'text', /no JSON/],
    ['null', 'null', /no SubscriptionConfirmation/],
    ['a list', '[]', /no SubscriptionConfirmation/],
    ['an object', '{}', /Token/],
    ['fields behind __proto__', '{"__proto__":{"Type":"SubscriptionConfirmation","Token":"x"}}', /Token/],
  ])('by %s', async (_, text, says) => {
    await expect(confirm(text)).rejects.toMatchObject(untrusted(says));
    expectNothingConfirmed();
  });

  test.each([
    ['http', (host: string) => `http://${host}/x.pem`],
    ['another host', () => 'https://sns.us-east-1.amazonaws.com/x.pem'],
    ['a host that begins alike', (host: string) => `https://${host}.evil.example/x.pem`],
    ['a host before an @', (host: string) => `https://${host}@evil.example/x.pem`],
    ['a name before the host', (host: string) => `https://evil.example@${host}/x.pem`],
    ['a host behind a backslash', (host: string) => `https://evil.example\\@${host}/x.pem`],
    ['another port', (host: string) => `https://${host.replace(/:\d+/, ':1')}/x.pem`],
    ['no .pem', (host: string) => `https://${host}/x.txt`],
    ['a .pem with a query', (host: string) => `https://${host}/x.pem?y=1`],
    ['a .pem with a fragment', (host: string) => `https://${host}/x.pem#y`],
    ['.pem in a query', (host: string) => `https://${host}/x?y=.pem`],
    ['.pem in a fragment', (host: string) => `https://${host}/x#.pem`],
    ['no path', (host: string) => `https://${host}`],
    ['no address', () => 'x.pem'],
    ['a file', () => 'file:///etc/ssl/x.pem'],
  ])('by a certificate from %s, which is not fetched', async (_, addressOf) => {
    const before = signing.fetched();
    const signed = signing.sign(unsigned({ SigningCertURL: addressOf(signing.host) }), '2');
    await expect(confirm(signed)).rejects.toMatchObject(untrusted(/certificate is not a \.pem on/));
    expect(signing.fetched()).toBe(before);
    expectNothingConfirmed();
  });

  test.each(['closed', 'not found', 'no certificate'] as const)(
    'while the server of certificates is in trouble (%s), and that is not held against the message',
    async (trouble) => {
      signing.trouble(trouble);
      await expect(confirm(signing.sign(unsigned(), '2'))).rejects.toMatchObject({
        name: 'CertificateUnavailable',
        message: expect.stringContaining(signing.host),
      });
      expectNothingConfirmed();
    },
  );

  test('while the server of certificates is silent, and that is not waited for without end', async () => {
    signing.trouble('silent');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const confirming = expect(confirm(signing.sign(unsigned(), '2'))).rejects.toMatchObject({
        name: 'CertificateUnavailable',
        message: expect.stringContaining('no answer within 10 s'),
      });
      await vi.advanceTimersByTimeAsync(10_000);
      await confirming;
    } finally {
      vi.useRealTimers();
    }
    expectNothingConfirmed();
  });

  test('while the server of certificates is not who it says, or is down', async () => {
    const impostor = await startSigning({ trusted: false });
    const confirming = () =>
      confirmSubscription(
        new SNSClient({ region: 'us-east-1' }),
        JSON.stringify(impostor.sign(unsigned({ SigningCertURL: impostor.certificateUrl }), '2')),
        new Set([TOPIC]),
        () => impostor.host,
      );
    try {
      await expect(confirming()).rejects.toMatchObject({ name: 'CertificateUnavailable' });
      expect(impostor.fetched()).toBe(0);
    } finally {
      await impostor.stop();
    }
    await expect(confirming()).rejects.toMatchObject({
      name: 'CertificateUnavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expectNothingConfirmed();
  });
});

describe('the host of certificates', () => {
  test.each([
    ['arn:aws:sns:us-east-1:123456789012:events', 'sns.us-east-1.amazonaws.com'],
    ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:events', 'sns.us-gov-west-1.amazonaws.com'],
    ['arn:aws-cn:sns:cn-north-1:123456789012:events', 'sns.cn-north-1.amazonaws.com.cn'],
  ])('of %s is %s, and no other', (topic, host) => {
    expect(certificateHostOf(topic)).toBe(host);
  });

  test.each([
    'https://sns.us-east-1.amazonaws.com.evil.example/x.pem',
    'https://sns.eu-west-1.amazonaws.com/x.pem',
    'https://snsxus-east-1.amazonaws.com/x.pem',
    'http://sns.us-east-1.amazonaws.com/x.pem',
    'https://sns.us-east-1.amazonaws.com:8443/x.pem',
    'https://sns.us-east-1.amazonaws.com/x',
  ])('is pinned where nothing else is said: %s', async (SigningCertURL) => {
    const signed = signing.sign(unsigned({ SigningCertURL }), '2');
    const confirming = confirmSubscription(new SNSClient({}), JSON.stringify(signed), new Set([TOPIC]));
    await expect(confirming).rejects.toMatchObject(
      untrusted(/not a \.pem on https:\/\/sns\.us-east-1\.amazonaws\.com$/),
    );
  });
});
