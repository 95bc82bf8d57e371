import { writeFile } from 'node:fs/promises';
import { planJsonSchema } from './json-schema.ts';

// npm run plan:schema
await writeFile(new URL('plan.schema.json', import.meta.url), planJsonSchema());
