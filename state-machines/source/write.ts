import { writeFile } from 'node:fs/promises';
import { fileOf, machines } from './machines.ts';

// npm run machines
for (const [kind, machine] of Object.entries(machines))
  await writeFile(new URL(`../${kind}.asl.json`, import.meta.url), fileOf(machine));
