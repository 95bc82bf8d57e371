import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type ClientOptions, clientSettings } from './settings.ts';

export function secretsClient(options: ClientOptions = {}): SecretsManagerClient {
  return new SecretsManagerClient(clientSettings(options));
}
