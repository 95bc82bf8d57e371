import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type ErrorKind, LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { CopyUnknown } from '../../shared/handover/restored-mark.ts';
import { CopyCompared } from '../../shared/handover/step-answers.ts';
import type { Workload } from '../workload.ts';

const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });
/** The function's error about the request. Lambda passes on an error's name, not its class. */
const ABOUT_THE_REQUEST = new CopyUnknown('').name;

/** The deployed function did not compare a copy to the end. This error carries the name of the function's own error. */
export class CopyNotCompared extends LifeboatError {
  override readonly name: string;
  override readonly kind: ErrorKind;

  constructor(functionName: string, payload: unknown, after: string | null) {
    const { data } = Failure.safeParse(payload);
    const where = after === null ? '' : `; compared to the end were the tables up to ${after}`;
    super(`${data?.errorMessage ?? `${functionName} failed without a reason`}${where}`, {
      hint: `See the log of function ${functionName}.`,
    });
    this.name = data?.errorType ?? 'CopyNotCompared';
    this.kind = this.name === ABOUT_THE_REQUEST ? 'usage' : 'unavailable';
  }
}

/**
 * Compares a restored database with its live source through the deployed function, call by call.
 *
 * @param onProgress called with the tables compared so far, and how many there are
 * @throws CopyNotCompared
 */
export async function compareCopy(
  { clients, deployment }: Pick<Workload, 'clients' | 'deployment'>,
  asked: { readonly restore: string; readonly copy: string },
  onProgress: (done: number, total: number) => void,
): Promise<Omit<CopyCompared, 'next'>> {
  const lambda = clients.lambdaAnsweringLate();
  let found: CopyCompared | null = null;
  for (let after: string | null = null; ; after = found.next) {
    const { FunctionError, Payload = new Uint8Array() } = await lambda.send(
      new InvokeCommand({
        FunctionName: deployment.compareCopy,
        Payload: JSON.stringify({ ...asked, after }),
      }),
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload).toString('utf8') || 'null');
    if (FunctionError) throw new CopyNotCompared(deployment.compareCopy, answer, after);
    const compared: CopyCompared = CopyCompared.parse(answer);
    found = found
      ? {
          ...compared,
          schema: found.schema,
          sourceAt: found.sourceAt,
          tables: [...found.tables, ...compared.tables],
        }
      : compared;
    onProgress(found.tables.length, found.total);
    if (found.next === null) {
      const { next: _, ...all } = found;
      return all;
    }
  }
}
