import { enableCompileCache } from 'node:module';

// JavaScript, because it comes before the cache: a second start finds every file compiled, and does not load what strips types.
const [major] = process.versions.node.split('.').map(Number);

if (major < 24) {
  process.stderr.write(
    `The local RDS needs Node.js 24 or newer; this is ${process.versions.node}. ` +
      'On Linux "npm install" has put one into node_modules/.bin, and "npm run rds" takes it.\n',
  );
  process.exitCode = 2;
} else {
  enableCompileCache();
  const { main } = await import('./program.ts');
  await main(process.argv);
}
