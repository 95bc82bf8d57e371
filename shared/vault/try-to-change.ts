import {
  DeleteObjectCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { StoredObject } from './vault.ts';

/** The vault allowed a change that it must refuse: what it keeps can be deleted, hidden or replaced. */
export class VaultUnprotected extends LifeboatError {
  override readonly name = 'VaultUnprotected';
  override readonly kind = 'damaged';
}

/**
 * Tries on an object what nobody may do to a recovery point, and demands that the vault refuses each. The object must have been
 * made for it: where the vault is not protected, it is lost.
 *
 * The caller's role must be allowed all of it, so that the refusal is the vault's own: by the lock, or by the bucket's policy.
 *
 * @returns what was refused, in words
 * @throws VaultUnprotected naming what was allowed; any other answer of S3, which proves nothing
 */
export async function tryToChange(
  s3: S3Client,
  bucket: string,
  { key, versionId }: StoredObject,
): Promise<string[]> {
  const object = { Bucket: bucket, Key: key };
  const version = { ...object, VersionId: versionId };
  // What destroys most comes last, so that each attempt meets the object.
  const attempts: [words: string, attempt: () => Promise<unknown>][] = [
    ['to hide it behind a delete marker', () => s3.send(new DeleteObjectCommand(object))],
    ['to write over it', () => s3.send(new PutObjectCommand({ ...object, Body: 'written over' }))],
    [
      'to shorten its lock',
      () =>
        s3.send(
          new PutObjectRetentionCommand({
            ...version,
            Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 60_000) },
            BypassGovernanceRetention: true,
          }),
        ),
    ],
    ['to delete it', () => s3.send(new DeleteObjectCommand(version))],
    [
      'to delete it past its lock',
      () => s3.send(new DeleteObjectCommand({ ...version, BypassGovernanceRetention: true })),
    ],
  ];
  const refused: string[] = [];
  const allowed: string[] = [];
  for (const [words, attempt] of attempts) ((await isRefused(attempt)) ? refused : allowed).push(words);
  if (allowed.length > 0)
    throw new VaultUnprotected(
      `the vault "${bucket}" allowed ${allowed.join(', ')}, tried on "${key}"; it must refuse that to everybody`,
      {
        hint: 'Deploy again: the stack sets the policy of the bucket and its lock. Then find in CloudTrail who changed them.',
      },
    );
  return refused;
}

async function isRefused(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDenied') return true;
    throw error;
  }
}
