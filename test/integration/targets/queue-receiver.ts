import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openTarget } from '../../../shared/replay/targets/open-target.ts';
import type { Receiver } from '../../contract/target.ts';
import type { TestAccount } from '../support/account.ts';
import type { Identity } from './account.ts';
import { clock } from './clock.ts';
import { nextCall } from './gateway-faults.ts';
import type { Inbox } from './inbox.ts';

/** A queue of the local SQS. */
export function queueReceiver(aws: TestAccount, owner: Identity, stranger: Identity, inbox: Inbox): Receiver {
  const openAs = (account: Identity, queue = inbox.name) =>
    openTarget(
      { queue },
      { deadLetters: 'not asked for', inFlight: 12, place: 'replays.tested.as' },
      { secrets: new SecretsManagerClient(account), clock, account },
    );
  return {
    open: () => openAs(owner),
    unusable: 'TargetMisconfigured',
    openMissing: () => openAs(owner, 'nowhere'),
    openForbidden: () => openAs(stranger),
    arrived: async (key) => (await inbox.under(key)).map(({ Body = '' }) => Body),
    next: (fault) => nextCall(aws, 'sqs:SendMessage', fault),
    refusable: () => ({ body: 'x'.repeat(1024 * 1024 + 1) }),
    largest: 256 * 1024,
    retryAfter: null,
    secret: /order|receipt/, // of the message
  };
}
