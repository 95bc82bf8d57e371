import { type CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { Resources } from './changes.ts';

/** The resources of the template that a stack was last deployed by; null where there is no stack. */
export async function deployedResources(
  cloudformation: CloudFormationClient,
  StackName: string,
): Promise<Resources | null> {
  try {
    const { TemplateBody = '{}' } = await cloudformation.send(
      new GetTemplateCommand({ StackName, TemplateStage: 'Original' }),
    );
    return JSON.parse(TemplateBody).Resources ?? {};
  } catch (error) {
    // CloudFormation has no code of its own for this.
    if (error instanceof Error && /does not exist/.test(error.message)) return null;
    throw error;
  }
}
