import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';

const Continued = z.object({ continuedBy: z.string() });

/** The execution in which a run goes on that came to the end of this one's history; null where the run ended with it. */
export async function continuationOf(sfn: SFNClient, executionArn: string): Promise<string | null> {
  const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'SUCCEEDED' || output === undefined) return null;
  return Continued.safeParse(JSON.parse(output)).data?.continuedBy ?? null;
}
