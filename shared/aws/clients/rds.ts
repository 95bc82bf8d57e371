import { RDSClient } from '@aws-sdk/client-rds';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

/** RDS throttles by account and Region. The caller looks again a minute later, so a call gives up early. */
export function rdsClient(options: ClientOptions = {}): RDSClient {
  return boundToCaller(new RDSClient(clientSettings(options)));
}
