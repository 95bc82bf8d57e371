import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { circleIn, importsOf } from './imports.ts';

/** The folders of shared/ from low to high: each may import from those before it. shared/README.md draws the same map. */
const LAYERS = [
  'text',
  'errors',
  'clock',
  'concurrency',
  'plan',
  'aws',
  'lambda',
  'progress',
  'vault',
  'locks',
  'ledger',
  'journal',
  'database',
  'lease',
  'delivery',
  'action',
  'backup',
  'restore',
  'validation',
  'handover',
  'objectives',
  'replica',
  'standby',
  'failover',
  'evidence',
  'replay',
  'rehydration',
  'subscription',
  'notify',
  'recovery',
  'run',
  'status',
];

const root = path.resolve(import.meta.dirname, '../../..');
const shared = importsOf(['shared/**/*.ts']);
const folderOf = (file: string): string => file.split('/')[1] ?? '';

describe('the folders of shared/', () => {
  test('are the ones of the map, and no others', () => {
    const folders = globSync('shared/*/', { cwd: root }).map((folder) => folderOf(folder));
    expect(folders.sort()).toEqual([...LAYERS].sort());
  });

  test('import from lower folders only', () => {
    const upwards = shared.filter(
      ({ from, to }) =>
        to.startsWith('shared/') && LAYERS.indexOf(folderOf(to)) > LAYERS.indexOf(folderOf(from)),
    );
    expect(upwards).toEqual([]);
  });

  test('know nothing of functions, command line, drills and local AWS', () => {
    expect(shared.filter(({ to }) => !to.startsWith('shared/'))).toEqual([]);
  });
});

describe('shared/README.md', () => {
  const readme = readFileSync(path.join(root, 'shared/README.md'), 'utf8');

  test('lists the folders from low to high', () => {
    const listed = [...readme.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, folder]) => folder);
    expect(listed).toEqual(LAYERS);
  });

  test('names files that exist', () => {
    const files = [...readme.matchAll(/`([a-z]+\/[a-z/-]+(?:\.ts|\/))`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !existsSync(path.join(root, 'shared', file)))).toEqual([]);
  });
});

test.each([
  // What a function may do is written with the words of resources/iam.ts; the function itself knows nothing of it.
  ['functions/*/permissions.ts', ['functions', 'shared', 'resources']],
  ['functions/*/!(permissions).ts', ['functions', 'shared']],
  ['resources/*.ts', ['resources', 'shared', 'state-machines']],
  ['state-machines/**/*.ts', ['state-machines', 'shared']],
  ['local/**/*.ts', ['local', 'shared']],
  ['drills/**/*.ts', ['drills', 'cli', 'shared', 'local']],
  ['cli/**/*.ts', ['cli', 'shared', 'local', 'drills', 'resources']],
])('%s imports from the folders below it only', (files, allowed) => {
  const imports = importsOf([files]);
  expect(imports).not.toEqual([]);
  expect(imports.filter(({ to }) => !allowed.includes(to.split('/')[0] ?? ''))).toEqual([]);
});

test('no files import each other in a circle', () => {
  const code = ['shared', 'functions', 'resources', 'cli', 'drills', 'local', 'build', 'state-machines'];
  expect(circleIn(importsOf(code.map((folder) => `${folder}/**/*.ts`)))).toBeNull();
});

test('a circle is found', () => {
  const chain = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ];
  expect(circleIn(chain)).toBeNull();
  expect(circleIn([...chain, { from: 'c', to: 'b' }])).toEqual(['b', 'c', 'b']);
});
