import { SNSClient } from '@aws-sdk/client-sns';
import { type ClientOptions, clientSettings } from './settings.ts';

export function snsClient(options: ClientOptions = {}): SNSClient {
  return new SNSClient(clientSettings(options));
}
