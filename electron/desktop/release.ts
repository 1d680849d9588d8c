import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';

/**
 * Whether this is a release: packaged, and not the folder that the tests drive (`npm run package` without arguments writes `debuggable` into
 * that one's package.json, as it leaves it the fuse that the driver needs).
 */
export function isRelease(): boolean {
  if (!app.isPackaged) return false;
  const about: unknown = JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8'));
  return !(typeof about === 'object' && about !== null && 'debuggable' in about && about.debuggable === true);
}
