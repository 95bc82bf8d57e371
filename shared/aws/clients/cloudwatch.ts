import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

export function cloudwatchClient(options: ClientOptions = {}): CloudWatchClient {
  return boundToCaller(new CloudWatchClient(clientSettings(options)));
}
