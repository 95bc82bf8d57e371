import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

export function secretsClient(options: ClientOptions = {}): SecretsManagerClient {
  return boundToCaller(new SecretsManagerClient(clientSettings(options)));
}
