import {
  CreateSecretCommand,
  DescribeSecretCommand,
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { connectionSecret } from '../../../shared/handover/connection-secret.ts';

const secrets = mockClient(SecretsManagerClient);
const keeper = () =>
  connectionSecret(new SecretsManagerClient({}), {
    name: 'lifeboat/shop/restored/copy/1',
    workload: 'shop',
    runId: 'r',
  });
const access = { host: 'db', port: 5432, username: 'copy', password: 'hidden', dbname: 'copy' };
const said = { message: 'said', $metadata: { httpStatusCode: 400 } };

beforeEach(() => secrets.reset());

describe('the secret of a restored database', () => {
  test.each([
    ['is there', { Name: 'lifeboat/shop/restored/copy/1' }, true],
    // DescribeSecret answers for it until the day of its deletion, and GetSecretValue refuses it.
    ['is scheduled for deletion', { DeletedDate: new Date() }, false],
  ])('that %s is kept or not', async (_, answer, kept) => {
    secrets.on(DescribeSecretCommand).resolves(answer);
    expect(await keeper().isKept()).toBe(kept);
  });

  test('that is missing is not kept', async () => {
    secrets.on(DescribeSecretCommand).rejects(new ResourceNotFoundException(said));
    expect(await keeper().isKept()).toBe(false);
  });

  test('that was written by a call whose answer was lost is kept', async () => {
    secrets.on(CreateSecretCommand).rejects(new ResourceExistsException(said));
    await keeper().keep(access);
  });

  test('whose name is scheduled for deletion names the command that frees it, and no password', async () => {
    const message =
      "You can't create this secret because a secret with this name is already scheduled for deletion.";
    secrets.on(CreateSecretCommand).rejects(new InvalidRequestException({ ...said, message }));
    const refused = await keeper()
      .keep(access)
      .catch((error) => error);
    expect(refused).toMatchObject({
      name: 'ConnectionNotKept',
      hint: expect.stringContaining(
        '--force-delete-without-recovery --secret-id lifeboat/shop/restored/copy/1',
      ),
    });
    expect(JSON.stringify([refused.message, refused.hint])).not.toContain('hidden');
  });
});
