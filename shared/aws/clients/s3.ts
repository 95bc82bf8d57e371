import { S3Client } from '@aws-sdk/client-s3';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

/** S3 asks to slow down while it spreads a busy prefix. Three attempts are over in a second or two; these take some ten. */
const ATTEMPTS = 6;

/** A part of 8 MiB, sent by a function with little memory and so little bandwidth. */
const ANSWER_MS = 60_000;

/** A database that loads rows may stop the stream for a checkpoint or a long index. */
const IDLE_MS = 300_000;

/**
 * A client that leaves it to the vault's readers to verify what they read: they compare it with a manifest, a seal or its
 * own sha256. If the SDK looked first, a rotten object would be an error of transport, to be tried again.
 */
export function s3Client(options: ClientOptions = {}): S3Client {
  return boundToCaller(
    new S3Client({
      ...clientSettings({ attempts: ATTEMPTS, answerMs: ANSWER_MS, idleMs: IDLE_MS, ...options }),
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
  );
}
