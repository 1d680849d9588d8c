// What a bare Electron runtime runs: it takes the folder of an app from the command line and becomes that app, the way
// Electron's own default app does ("electron [flags] <app folder> [the app's own arguments]").
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const given = process.argv.slice(1);
const preloaded = [];
let folder;
for (let i = 0; i < given.length; i++) {
  if (given[i] === '-r' || given[i] === '--require') preloaded.push(given[++i]);
  else if (!given[i].startsWith('-')) {
    folder = resolve(given[i]);
    break;
  }
}

if (folder === undefined) {
  process.stderr.write('Usage: electron [flags] <app folder> [arguments]\n');
  app.exit(2);
} else {
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  app.name = description.productName ?? description.name;
  if (description.version) app.setVersion(description.version);
  app.setDesktopName(description.desktopName ?? `${app.name}.desktop`);
  app.setAppPath(folder);
  const require = createRequire(join(folder, 'package.json'));
  for (const module of preloaded) require(resolve(module));
  try {
    await import(pathToFileURL(join(folder, description.main ?? 'index.js')).href);
  } catch (error) {
    process.stderr.write(`The app could not be started.\n${error?.stack ?? error}\n`);
    app.exit(1);
  }
}
