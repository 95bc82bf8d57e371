import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';

/** The result of a deployment. */
export interface DeployedStack {
  readonly name: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Logical id in the template → physical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

/** Reads the stack that this run deployed, the only one in the Region. */
export async function readStack(client: CloudFormationClient): Promise<DeployedStack> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  const [stack] = Stacks;
  if (!stack?.StackName)
    throw new Error('The local AWS holds no stack after the deployment; see deploy.log.');
  const physicalIds = new Map<string, string>();
  for await (const page of paginateListStackResources({ client }, { StackName: stack.StackName })) {
    for (const { LogicalResourceId: logical, PhysicalResourceId: physical } of page.StackResourceSummaries ??
      []) {
      if (logical && physical) physicalIds.set(logical, physical);
    }
  }
  return { name: stack.StackName, outputs: outputsOf(stack), physicalIds };
}

function outputsOf({ Outputs = [] }: Stack): Record<string, string> {
  return Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}
