import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import {
  RDS,
  type RDSClientConfig,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
  waitUntilDBSnapshotAvailable,
} from '@aws-sdk/client-rds';
import { clients as python } from '../../python/environments.ts';
import { often } from './often.ts';

/** What a client answers, as far as a test reads it. */
// biome-ignore lint/suspicious/noExplicitAny: three clients, and answers of every shape
export type Answer = Record<string, any>;

export type Waiter = 'DBInstanceAvailable' | 'DBInstanceDeleted' | 'DBSnapshotAvailable';

/** A client of RDS as its users have it, by the names of the API. */
export interface RdsClient {
  /** Throws an Error whose message has the name of the fault as this client's users catch it. */
  call(action: string, input: Answer, region?: string): Promise<Answer>;
  /** By the waiter that the client brings. */
  wait(waiter: Waiter, input: Answer, region?: string): Promise<void>;
  close(): void;
}

export type ClientKind = 'the SDK for JavaScript' | 'boto3' | 'the AWS CLI';

const HOME_REGION = 'eu-west-1';

const run = promisify(execFile);

/** @param environment what tells a client of AWS where to go and as whom */
export function openClient(kind: ClientKind, environment: Record<string, string>): Promise<RdsClient> {
  switch (kind) {
    case 'boto3':
      return boto3(environment);
    case 'the AWS CLI':
      return cli(environment);
    default:
      return sdk(environment);
  }
}

const WAITERS = {
  DBInstanceAvailable: waitUntilDBInstanceAvailable,
  DBInstanceDeleted: waitUntilDBInstanceDeleted,
  DBSnapshotAvailable: waitUntilDBSnapshotAvailable,
};

async function sdk(environment: Record<string, string>): Promise<RdsClient> {
  const clients = new Map<string, RDS>();
  const clientOf = (region: string) => {
    const settings: RDSClientConfig = {
      region,
      endpoint: environment.AWS_ENDPOINT_URL_RDS ?? '',
      credentials: {
        accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
      },
    };
    const client = clients.get(region) ?? new RDS(settings);
    clients.set(region, client);
    return client;
  };
  return {
    async call(action, input, region = HOME_REGION) {
      const client = clientOf(region) as unknown as Record<string, (input: Answer) => Promise<Answer>>;
      const method = `${action[0]?.toLowerCase()}${action.slice(1)}`;
      try {
        return (await client[method]?.(input)) ?? {};
      } catch (error) {
        const { name, message } = error as Error;
        throw new Error(`${name}: ${message}`, { cause: error });
      }
    },
    async wait(waiter, input, region = HOME_REGION) {
      const client = clientOf(region);
      await WAITERS[waiter]({ client, ...often }, input);
    },
    close() {
      for (const client of clients.values()) client.destroy();
    },
  };
}

async function cli(environment: Record<string, string>): Promise<RdsClient> {
  const interpreter = await python();
  async function aws(words: string[], region = HOME_REGION): Promise<Answer> {
    const all = ['-m', 'awscli', 'rds', ...words, '--region', region, '--output', 'json'];
    try {
      const { stdout } = await run(interpreter, all, { env: environment });
      return stdout.trim() === '' ? {} : JSON.parse(stdout);
    } catch (error) {
      throw new Error((error as { stderr?: string }).stderr?.trim() ?? String(error), { cause: error });
    }
  }
  return {
    call: (action, input, region) => aws([kebab(action), '--cli-input-json', JSON.stringify(input)], region),
    async wait(waiter, input, region) {
      // Its waiter looks every thirty seconds: it is asked where it finds what it waits for.
      const [id = '', value] = Object.entries(input)[0] ?? [];
      const there = () =>
        aws(
          [
            `describe-${id === 'DBInstanceIdentifier' ? 'db-instances' : 'db-snapshots'}`,
            `--${kebab(id)}`,
            value,
          ],
          region,
        );
      const status = async () => {
        const answer = await there().catch((error: Error): Answer => {
          if (/\(DBInstanceNotFound\)/.test(error.message)) return {};
          throw error;
        });
        const [one] = answer.DBInstances ?? answer.DBSnapshots ?? [];
        return one?.DBInstanceStatus ?? one?.Status ?? 'deleted';
      };
      const wanted = waiter === 'DBInstanceDeleted' ? 'deleted' : 'available';
      while ((await status()) !== wanted);
      await aws(['wait', kebab(waiter), `--${kebab(id)}`, value], region);
    },
    close() {},
  };
}

/** Names as the CLI writes them: CreateDBInstance is create-db-instance. */
function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
}

/** A Python that is asked a line at a time, and keeps its clients. */
const DRIVER = `
import json, sys
import boto3, botocore

clients = {}
def client(region):
    return clients.setdefault(region, boto3.client("rds", region_name=region))

for line in sys.stdin:
    asked = json.loads(line)
    rds = client(asked["region"])
    name = botocore.xform_name(asked["name"])
    try:
        if asked["wait"]:
            rds.get_waiter(name).wait(**asked["input"], WaiterConfig={"Delay": ${often.maxDelay}, "MaxAttempts": ${often.maxWaitTime / often.maxDelay}})
            answer = {}
        else:
            answer = getattr(rds, name)(**asked["input"])
        print(json.dumps({"answer": answer}, default=str), flush=True)
    except Exception as error:
        print(json.dumps({"fault": f"{type(error).__name__}: {error}"}), flush=True)
`;

async function boto3(environment: Record<string, string>): Promise<RdsClient> {
  const driver = spawn(await python(), ['-c', DRIVER], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: driver.stdout })[Symbol.asyncIterator]();
  const ended = once(driver, 'close');
  async function ask(question: object): Promise<Answer> {
    driver.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the driver of boto3 ended: ${String((await ended)[0])}`);
    const { answer, fault } = JSON.parse(value);
    if (fault !== undefined) throw new Error(fault);
    return answer;
  }
  return {
    call: (name, input, region = HOME_REGION) => ask({ name, input, region, wait: false }),
    async wait(name, input, region = HOME_REGION) {
      await ask({ name, input, region, wait: true });
    },
    close: () => void driver.stdin.end(),
  };
}
