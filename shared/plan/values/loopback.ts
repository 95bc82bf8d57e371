import { isIPv4 } from 'node:net';

/** Whether a host of a URL reaches no other machine. The URL parser has already turned every spelling of an address into its usual one. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}
