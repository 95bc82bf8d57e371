import type { Tag } from '@aws-sdk/client-rds';
import { Fault } from '../protocol/fault.ts';
import { type Answer, writeAnswer } from '../protocol/write-answer.ts';
import type { Action } from './action.ts';
import { parseArn } from './arn.ts';
import { asFault } from './engine-refusal.ts';
import { actions } from './registry.ts';
import type { Call } from './service.ts';
import { tagsOf } from './tagging/resource.ts';
import { tagRecord } from './tags.ts';

/** Performs an action for a caller that may, and writes its answer. Throws a Fault. */
export async function answerAction(
  call: Call,
  name: string,
  input: unknown,
  requestId: string,
): Promise<Answer> {
  const action = actions.get(name);
  if (!action)
    throw new Fault('InvalidAction', `${name} is an action of RDS that this service does not have.`);
  await requireAllowed(call, action, input);
  try {
    const output = await action.perform(call, input);
    return writeAnswer(call.service.model, name, output, requestId);
  } catch (error) {
    throw asFault(error);
  }
}

/**
 * Asks for each resource that the request names, in the Region where that is. What is made with tags needs the right to tag it
 * too: "Dependent actions" of the Service Authorization Reference. Throws AccessDenied.
 */
async function requireAllowed(call: Call, action: Action, input: unknown): Promise<void> {
  const { service, accessKey, account } = call;
  const { Tags, TagKeys } = input as { Tags?: Tag[]; TagKeys?: string[] };
  const requestTags = tagRecord(Tags);
  const tagKeys = [...Object.keys(requestTags), ...(TagKeys ?? [])];
  for (const resource of action.resources(call, input as never)) {
    const present = tagsOf(service, resource);
    const names =
      Tags && present === undefined && isNew(resource) ? [action.name, 'AddTagsToResource'] : [action.name];
    for (const name of names) {
      const request = {
        accessKey,
        account,
        region: parseArn(resource)?.region ?? call.region,
        action: `rds:${name}`,
        resource,
        resourceTags: tagRecord(present),
        requestTags,
        tagKeys,
      };
      const decision = await service.authorize(request);
      if (decision.allowed) continue;
      throw new Fault(
        'AccessDenied',
        `User: ${decision.caller ?? accessKey} is not authorized to perform: ${request.action} on resource: ${resource} ${decision.reason}`,
      );
    }
  }
}

/** Whether something that is not there is about to be made, rather than one of RDS's own groups, which always are. */
function isNew(resource: string): boolean {
  const arn = parseArn(resource);
  return arn !== undefined && !/^default(\.|:|$)/.test(arn.name);
}
