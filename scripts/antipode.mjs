// The terminal program from a checkout: npm run -s antipode -- <command>. Makes itself ready first: dependencies, a fresh build.
import { pathToFileURL } from 'node:url';
import { buildIfStale, cliProgram } from './lib/build.mjs';
import { dependenciesAreCurrent } from './setup/dependencies.mjs';

try {
  if (!dependenciesAreCurrent()) await (await import('./setup.mjs')).setup({ only: ['dependencies'] });
  await buildIfStale('cli');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
// npm changes to the checkout; paths in the arguments belong to where the user stands.
if (process.env.npm_lifecycle_event === 'antipode' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv[1] = cliProgram;
await import(pathToFileURL(cliProgram).href);
