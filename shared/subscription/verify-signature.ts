import MessageValidator from 'sns-validator';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { type Confirmation, ConfirmationUntrusted } from './confirmation.ts';

/** The certificate could not be fetched or read, so the signature could not be checked. */
export class CertificateUnavailable extends LifeboatError {
  override readonly name = 'CertificateUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
  override readonly hint = 'Run it again once the host of the certificate answers.';
}

/** The library sets no timeout. */
const FETCH_MS = 10_000;

/** The library's only error that concerns the message itself. */
const WRONG = 'The message signature is invalid.';

/**
 * Verifies that SNS signed the message, with AWS's own library, for signature versions 1 and 2. The
 * certificate is fetched over TLS from a single host. That host proves that the certificate is SNS's.
 *
 * @param certificateHost host, with the port if it is not the default
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

/**
 * The address as one parser reads it, so that no other parser can find a different host in it. The address is
 * not signed.
 */
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
