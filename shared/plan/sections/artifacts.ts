import * as z from 'zod';
import { named, retention, scheduleOfAnother, text } from '../values/fields.ts';
import { takenBy } from './backups.ts';

const artifact = z.strictObject({
  takenBy,
  schedule: scheduleOfAnother.describe('When it is backed up. In UTC.'),
  retention: retention.describe('How long a copy is kept, at least `1d`.'),
  where: text('where the copies are').describe('Where the copies are, in words or as an address.'),
});

export const artifacts = named(artifact)
  .default({})
  .describe('What is backed up outside of the databases, by name.');
