import { SFNClient } from '@aws-sdk/client-sfn';
import { type ClientOptions, clientSettings } from './settings.ts';

export function sfnClient(options: ClientOptions = {}): SFNClient {
  return new SFNClient(clientSettings(options));
}
