import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetExecutionHistoryCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import pg from 'pg';
import type { Deployed, Finished } from './deployed.ts';

/** Restores on a deployment, and what an operator looks at afterwards. */
export function restoredOn(stack: Deployed) {
  const restore = (input: Record<string, unknown>): Promise<Finished> =>
    stack.run('restore', { restore: 'production', ...input });

  const settings = () => ({
    region: stack.aws.region,
    endpoint: stack.aws.endpoint,
    credentials: { accessKeyId: stack.aws.accountId, secretAccessKey: 'test' },
  });

  async function secretOf(name: string) {
    const secrets = new SecretsManagerClient(settings());
    const { SecretString: text = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
    return { text, access: JSON.parse(text) as Record<string, string> };
  }

  async function asLogin<T>(access: Record<string, string>, work: (client: pg.Client) => Promise<T>) {
    const { host, port, username: user, password, dbname: database } = access;
    const { ssl } = stack.aws.scratch.superuser();
    const client = new pg.Client({ host, port: Number(port), user, password, database, ssl });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async function historyText(runId: string): Promise<string> {
    const [record] = (await stack.journal.recent(50)).filter((each) => each.runId === runId);
    const history = await new SFNClient(settings()).send(
      new GetExecutionHistoryCommand({ executionArn: record?.executionArn ?? '', maxResults: 1000 }),
    );
    return JSON.stringify([record, history.events]);
  }

  async function stop(executionArn: string): Promise<void> {
    await new SFNClient(settings()).send(new StopExecutionCommand({ executionArn }));
  }

  async function entered(executionArn: string, state: string): Promise<void> {
    const sfn = new SFNClient(settings());
    for (;;) {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      if (events.some((event) => event.stateEnteredEventDetails?.name === state)) return;
      await turn();
    }
  }

  const namesLike = (prefix: string) =>
    databasesAndRoles().then((all) => all.filter((name) => name.startsWith(prefix)));

  const databasesAndRoles = () =>
    stack.onScratchServer(async (client) => {
      const { rows } = await client.query<{ name: string }>(
        'SELECT datname::text AS name FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1',
      );
      return rows.map(({ name }) => name);
    });
  return { restore, secretOf, asLogin, historyText, entered, stop, namesLike, databasesAndRoles };
}

export const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
