import type { Seen } from '../sighting.ts';

/** What one look found. */
export interface Finding {
  readonly seen: Seen;
  readonly detail: string;
  /**
   * Nothing came back at all. Then the watcher's own network may be the cause, and the finding stands only if that works.
   */
  readonly silent?: boolean;
}

export const healthy = (detail: string): Finding => ({ seen: 'healthy', detail });
export const failing = (detail: string): Finding => ({ seen: 'failing', detail });
export const silent = (detail: string): Finding => ({ seen: 'failing', detail, silent: true });
export const unknown = (detail: string): Finding => ({ seen: 'unknown', detail });

/** Certificates that the watcher does not accept: its own list of authorities may be the old one. */
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** The watcher has no name server, no way out, or no sockets left. */
const OWN_NETWORK = /^(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EMFILE|ENFILE|EACCES|EPERM)$/;

const SILENT = /^(?:ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN)$/;
const REFUSED = /^(?:ECONNREFUSED|ECONNRESET|EPIPE)$/;

/**
 * What an error of the network says of the other side. An error that says nothing of it, such as a name that cannot be looked up or a
 * certificate that cannot be verified, is unknown.
 *
 * @returns null for an error that is not the network's
 */
export function findingOfNetwork(code: string, host: string): Finding | null {
  if (TLS.test(code))
    return unknown(`${host} answered with a certificate that is not accepted here (${code})`);
  if (OWN_NETWORK.test(code)) return unknown(`the watcher could not reach out to ${host} (${code})`);
  if (SILENT.test(code)) return silent(`${host} did not answer (${code})`);
  if (REFUSED.test(code)) return failing(`${host} closed or refused the connection (${code})`);
  return null;
}

/** The code of an error or of its causes: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, or a SQLSTATE. Empty if there is none. */
export function codeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    const [first] = each instanceof AggregateError ? each.errors : [];
    const code = 'code' in each ? each.code : (first as { code?: unknown } | undefined)?.code;
    if (typeof code === 'string') return code;
  }
  return '';
}
