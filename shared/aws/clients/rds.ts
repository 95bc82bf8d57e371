import { RDSClient } from '@aws-sdk/client-rds';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

/** RDS throttles all callers of an account and Region together. Three attempts are over in a second; these take up to eight. */
const ATTEMPTS = 5;

export function rdsClient(options: ClientOptions = {}): RDSClient {
  return boundToCaller(new RDSClient(clientSettings({ attempts: ATTEMPTS, ...options })));
}
