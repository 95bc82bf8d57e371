import MessageValidator from 'sns-validator';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { type Confirmation, ConfirmationUntrusted } from './confirmation.ts';

/** The certificate could not be fetched or read: whether SNS signed the message is not known. */
export class CertificateUnavailable extends LifeboatError {
  override readonly name = 'CertificateUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
  override readonly hint = 'Run it again once the host of the certificate answers.';
}

/** The library sets none. */
const FETCH_MS = 10_000;

/** The library's only error that speaks of the message. */
const WRONG = 'The message signature is invalid.';

/**
 * Verifies that SNS signed the message, by the library that AWS offers for it, versions 1 and 2. The certificate is
 * fetched over TLS from one host alone, which is what makes it SNS's.
 *
 * @param certificateHost host, and port where it is not the usual one
 * @throws ConfirmationUntrusted, CertificateUnavailable
 */
export async function verifySignature(confirmation: Confirmation, certificateHost: string): Promise<void> {
  const address = certificateAddress(confirmation.SigningCertURL, certificateHost);
  const validator = new MessageValidator(new RegExp(`^${certificateHost.replaceAll('.', '\\.')}$`));
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${FETCH_MS / 1_000} s`)), FETCH_MS);
      validator.validate({ ...confirmation, SigningCertURL: address }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (message === WRONG)
      throw new ConfirmationUntrusted('its signature is not that of SNS: it was altered, or is forged', {
        cause,
      });
    throw new CertificateUnavailable(
      `the signature could not be verified, for the certificate at ${address} could not be had or read (${message}): try again`,
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** The address as one parser reads it, so that no other may read another host out of it. It is not part of what is signed. */
function certificateAddress(text: string, host: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const good =
    url?.protocol === 'https:' &&
    url.host === host &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    url.pathname.endsWith('.pem');
  if (!good) throw new ConfirmationUntrusted(`its certificate is not a .pem on https://${host}`);
  return url.href;
}
