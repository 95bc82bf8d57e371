import http from 'node:http';

/** A control did not do what was asked; the message is its answer. */
export class RehearsalFailed extends Error {
  override readonly name = 'RehearsalFailed';

  constructor(control: string, status: number, answer: string) {
    super(`The rehearsal's control ${control} answered ${status}: ${answer}`);
  }
}

/** Calls a control of a local RDS, at its endpoint or on its Unix socket. Resolves with what it tells when it has been done. Throws RehearsalFailed. */
export async function rehearse(
  at: { readonly endpoint: string } | { readonly socket: string },
  control: string,
  input: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const where = 'socket' in at ? { socketPath: at.socket, host: 'localhost' } : urlOf(at.endpoint);
    const request = http.request({ ...where, method: 'POST', path: `/${control}` }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('error', reject).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    request.on('error', reject).end(JSON.stringify(input));
  });
  if (status !== 200) throw new RehearsalFailed(control, status, text.trim());
  return JSON.parse(text);
}

function urlOf(endpoint: string) {
  const { hostname, port } = new URL(endpoint);
  return { hostname, port };
}
