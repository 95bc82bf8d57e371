import { SFNClient } from '@aws-sdk/client-sfn';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

export function sfnClient(options: ClientOptions = {}): SFNClient {
  return boundToCaller(new SFNClient(clientSettings(options)));
}
