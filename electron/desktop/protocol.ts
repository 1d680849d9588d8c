import { randomBytes } from 'node:crypto';
import { protocol } from 'electron';
import type { Session } from 'electron';
import { serveAppFile } from './app-files';
import { appScheme } from './content-policy';

/** Before the app is ready: app:// is a standard, secure scheme, so that pages have an origin and modules load. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Serves the built renderer in `root` to one session; no file:// anywhere. */
export function serveApp(session: Session, root: string): void {
  session.protocol.handle(appScheme, async (request) => {
    const file = await serveAppFile(root, request, () => randomBytes(16).toString('base64'));
    return new Response(typeof file.body === 'string' ? file.body : new Uint8Array(file.body), { status: file.status, headers: { ...file.headers } });
  });
}
