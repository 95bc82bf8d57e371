#!/usr/bin/env node
// Tiny on purpose: what it imports needs Node 24, and an older one must be told so in words and not in a stack trace.
const [major = 0] = process.versions.node.split('.').map(Number);

if (major < 24) {
  process.stderr.write(
    `Lifeboat needs Node.js 24 or newer; this is ${process.versions.node}.\n` +
      'Start it by "npm run lifeboat -- --help": after "npm install" the project has a Node.js 24 of its own.\n' +
      'Where npm has none for this system, install one from https://nodejs.org.\n',
  );
  process.exitCode = 2;
} else {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv);
}
