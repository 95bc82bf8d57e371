import { writeFile } from 'node:fs/promises';
import { DOCUMENTS, documentSchema } from './documents.ts';

// npm run plan:schema
for (const name of Object.keys(DOCUMENTS))
  await writeFile(new URL(`${name}.schema.json`, import.meta.url), documentSchema(name));
