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
  try {
    // Some libraries look for colours as soon as they are loaded.
    const { settleEnvironment } = await import('./environment.ts');
    settleEnvironment(process.env, process.argv);
    await import('./lifeboat.ts');
  } catch (error) {
    // A module that is missing or broken: Node's own exit code, 1, would say that a backup is bad.
    process.stderr.write(
      `${error instanceof Error ? error.stack : error}\n` +
        'Lifeboat could not be loaded. Run "npm ci" in its folder; if that does not help, report the lines above.\n',
    );
    process.exitCode = 3;
  }
}
