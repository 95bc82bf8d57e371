import { CopyUnknown } from '../../shared/handover/restored-mark.ts';
import { CopyCompared } from '../../shared/handover/step-answers.ts';
import { callFunction } from '../aws/call-function.ts';
import type { Workload } from '../workload.ts';

/**
 * Compares a restored database with its live source through the deployed function, call by call.
 *
 * @param onProgress called with the tables compared so far, and how many there are
 * @throws FunctionFailed
 */
export async function compareCopy(
  { clients, deployment }: Pick<Workload, 'clients' | 'deployment'>,
  asked: { readonly restore: string; readonly copy: string },
  onProgress: (done: number, total: number) => void,
): Promise<Omit<CopyCompared, 'next'>> {
  const lambda = clients.lambdaAnsweringLate();
  let found: CopyCompared | null = null;
  for (let after: string | null = null; ; after = found.next) {
    const answer = await callFunction(
      lambda,
      deployment.compareCopy,
      { ...asked, after },
      {
        aboutTheRequest: [new CopyUnknown('').name],
        more: after === null ? '' : `; compared to the end were the tables up to ${after}`,
      },
    );
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
