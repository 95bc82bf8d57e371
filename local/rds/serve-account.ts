import http from 'node:http';
import { parseArgs } from 'node:util';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startRehearsalServer } from 'local-rds/rehearsal-server';
import { startRds } from 'local-rds/start-rds';
import { callersOf } from '../ministack/callers.ts';
import { authorizeByPolicies } from './access/authorize-by-policies.ts';
import { policiesInIam } from './access/identity-policies.ts';
import { keysInKms } from './access/keys-in-kms.ts';
import { secretsInSecretsManager } from './access/master-passwords.ts';

/** Often enough for a drill that restores to a point in time one minute after it began. */
const archiveEveryMs = 5_000;

/** Serves until stopped. Throws if arguments are missing. */
export async function serve(): Promise<void> {
  const { folder, packages, socket, rehearsal, aws } = args();
  // Bypasses the gateway: faults injected there must not affect this program's own calls.
  const httpAgent = new http.Agent({ socketPath: aws, keepAlive: true } as http.AgentOptions);
  const asRoot = (account: string, region: string) => ({
    endpoint: 'http://localhost',
    region,
    requestHandler: { httpAgent },
    credentials: { accessKeyId: account, secretAccessKey: 'any' },
  });
  const callers = callersOf(aws);
  const policies = byKey((account) => policiesInIam(new IAMClient(asRoot(account, 'us-east-1'))));
  const kms = byKey((region, account = '') => new KMSClient(asRoot(account, region)));
  const secrets = byKey((region, account = '') => new SecretsManagerClient(asRoot(account, region)));
  const rds = await startRds({
    folder,
    sitePackages: packages,
    socket,
    archiveEveryMs,
    accountOf: async (accessKey) => (await callers.find(accessKey))?.account,
    authorize: authorizeByPolicies(callers, { of: (caller) => policies(caller.account).of(caller) }),
    keys: keysInKms(({ region, account }) => kms(region, account)),
    secrets: secretsInSecretsManager(({ region, account }) => secrets(region, account)),
  });
  await startRehearsalServer(rds.stage, { socket: rehearsal });
  process.stdout.write(`Serving on ${socket}\n`);
  process.once('SIGTERM', () => void rds.stop().then(() => process.exit()));
}

/** Made once for each key. */
function byKey<Made>(make: (...key: [string, string?]) => Made): (...key: [string, string?]) => Made {
  const made = new Map<string, Made>();
  return (...key) => {
    const found = made.get(key.join()) ?? make(...key);
    made.set(key.join(), found);
    return found;
  };
}

function args() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { folder: text, packages: text, socket: text, rehearsal: text, aws: text },
  });
  const { folder, packages, socket, rehearsal, aws } = values;
  if (!folder || !packages || !socket || !rehearsal || !aws)
    throw new TypeError('Expected: --folder, --packages, --socket, --rehearsal and --aws.');
  return { folder, packages, socket, rehearsal, aws };
}
