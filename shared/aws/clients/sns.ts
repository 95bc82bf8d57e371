import { SNSClient } from '@aws-sdk/client-sns';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

export function snsClient(options: ClientOptions = {}): SNSClient {
  return boundToCaller(new SNSClient(clientSettings(options)));
}
