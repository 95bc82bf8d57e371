import http from 'node:http';
import { z } from 'zod';
import type { Caller, Callers } from '../rds/access/callers.ts';

/** The response of callers.py. */
const Found = z.object({
  account: z.string(),
  arn: z.string(),
  principal: z.string(),
  type: z.enum(['Root', 'AssumedRole', 'User']),
  name: z.string().optional(),
  limitedBy: z.string().optional(),
});

/**
 * Looks up callers through MiniStack's Unix socket:
 * users by their keys, functions and assumed roles by their sessions.
 */
export function callersOf(socketPath: string): Callers {
  return {
    async find(accessKey) {
      const { status, text } = await get(socketPath, `/_ministack/callers/${encodeURIComponent(accessKey)}`);
      if (status === 404) return undefined;
      const { type, name = '', ...found } = Found.parse(JSON.parse(text));
      return { ...found, identity: identityOf(type, name) };
    },
  };
}

function identityOf(type: z.output<typeof Found>['type'], name: string): Caller['identity'] {
  if (type === 'Root') return { kind: 'root' };
  return { kind: type === 'User' ? 'user' : 'role', name };
}

function get(socketPath: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('error', reject).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    request.on('error', reject);
  });
}
