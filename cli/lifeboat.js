#!/usr/bin/env node
// The entry point that any Node can run. It is JavaScript because Node before 22.18 cannot load the TypeScript behind it
// and would fail with a stack trace.
const [major] = process.versions.node.split('.').map(Number);

if (major < 24) {
  process.stderr.write(
    `Lifeboat needs Node.js 24 or newer; this is ${process.versions.node}.\n` +
      'On Linux "npm install" has put one into node_modules/.bin, and npm takes it: npm run lifeboat -- --help\n' +
      'Elsewhere install it from https://nodejs.org.\n',
  );
  process.exitCode = 2;
} else {
  await import('./lifeboat.ts');
}
