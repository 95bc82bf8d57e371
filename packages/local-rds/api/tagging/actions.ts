import { type Action, action } from '../action.ts';
import { merged } from '../tags.ts';
import { taggedByArn } from './resource.ts';

const add = action('AddTagsToResource', {
  parameters: ['ResourceName', 'Tags'],
  resources: (_, input) => [input.ResourceName ?? ''],
  perform(call, input) {
    const thing = taggedByArn(call, input.ResourceName);
    thing.put(merged(thing.tags, input.Tags ?? [], call.service.quotas));
    return {};
  },
});

const remove = action('RemoveTagsFromResource', {
  parameters: ['ResourceName', 'TagKeys'],
  resources: (_, input) => [input.ResourceName ?? ''],
  perform(call, input) {
    const thing = taggedByArn(call, input.ResourceName);
    thing.put(thing.tags.filter(({ Key = '' }) => !input.TagKeys?.includes(Key)));
    return {};
  },
});

const list = action('ListTagsForResource', {
  parameters: ['ResourceName', 'Filters'],
  resources: (_, input) => [input.ResourceName ?? ''],
  perform: (call, input) => ({ TagList: [...taggedByArn(call, input.ResourceName).tags] }),
});

export const tagActions: readonly Action[] = [add, remove, list];
