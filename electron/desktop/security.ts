import { app, session } from 'electron';
import type { Session, WebContents, WebPreferences } from 'electron';
import type { Sender } from '../api/router';
import { appOrigin } from './content-policy';

/*
 * Electron's security checklist (electronjs.org/docs/latest/tutorial/security), item by item, and where it is met:
 *
 *  1. Only load secure content             app:// only; every other request is cancelled (`restrictSession`).
 *  2. Node.js off for remote content       `webPreferences`: nodeIntegration off everywhere; there is no remote content.
 *  3. Context isolation                    `webPreferences`: contextIsolation on; preload.ts exposes frozen functions.
 *  4. Process sandboxing                   `app.enableSandbox()` in `restrictApp`; sandbox on for the window as well.
 *  5. Session permission requests          `restrictSession`: request, check and device handlers all say no.
 *  6. Do not disable webSecurity           on.
 *  7. Content-Security-Policy              content-policy.ts: default-src 'none'; sent as a header with every file.
 *  8. No allowRunningInsecureContent       off.
 *  9. No experimental features             off.
 * 10. No enableBlinkFeatures               none.
 * 11. No allowpopups in <webview>          there is no <webview>: `webviewTag` off, and attaching one is refused.
 * 12. Verify <webview> options             the same.
 * 13. Limit navigation                     `restrictContents`: will-navigate, will-frame-navigate, will-redirect refused.
 * 14. Limit new windows                    `restrictContents`: setWindowOpenHandler denies.
 * 15. No shell.openExternal with untrusted content   never called: the app opens nothing outside of itself.
 * 16. A current version of Electron        package.json pins a supported major; releases are built with that one.
 * 17. Validate the sender of IPC           `isTrustedSender`, asked by the router for every call.
 * 18. No file:// protocol                  protocol.ts serves app:// with a containment check.
 * 19. Fuses                                electron-builder.yml; a development runtime has its own. What no fuse covers, the
 *                                          switches of Chromium's debugger, a release refuses (release.ts, arguments.ts).
 * 20. No Electron APIs to untrusted content   preload.ts exposes three functions of ours, no ipcRenderer.
 */

/** Everything the app shows lives in one session of its own: in memory, no cache, no cookies kept. */
const partition = 'antipode';

/** Before the app is ready: the sandbox for every process, and no networking of Chromium's own. */
export function restrictApp(): void {
  // It would take back a --no-sandbox of the launcher, without which nothing starts as root (on a build machine). The
  // product itself never passes that, and the window asks for its sandbox in any case.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  for (const name of [
    'disable-background-networking', 'disable-component-update', 'disable-domain-reliability', 'disable-sync', 'disable-default-apps', 'disable-breakpad',
    'no-pings', 'no-proxy-server', 'no-default-browser-check', 'disable-speech-api',
  ]) {
    app.commandLine.appendSwitch(name);
  }
  // Chromium itself can look up no name at all; the engine's connections to MySQL do not pass through Chromium.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch(
    'disable-features',
    [
      'AsyncDns', 'AutofillServerCommunication', 'CertificateTransparencyComponentUpdater', 'DnsOverHttps', 'InterestFeedContentSuggestions', 'MediaRouter',
      'NetworkTimeServiceQuerying', 'OptimizationHints', 'SpareRendererForSitePerProcess', 'Translate', 'WinRetrieveSuggestionsOnlyOnDemand',
    ].join(','),
  );
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp');
  app.on('web-contents-created', (_event, contents) => restrictContents(contents));
  // A certificate or a login is never asked for: nothing is fetched.
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault();
    answer(false);
  });
  app.on('login', (event) => event.preventDefault());
}

/** Once the app is ready: the session of the windows, shut on every side; the default session the same. */
export function restrictSessions(): Session {
  restrictSession(session.defaultSession);
  const own = session.fromPartition(partition, { cache: false });
  restrictSession(own);
  return own;
}

function restrictSession(target: Session): void {
  target.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
  target.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  // Spelling dictionaries would be fetched.
  target.setSpellCheckerEnabled(false);
  target.setSpellCheckerDictionaryDownloadURL(`${appOrigin}/none/`);
  target.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isOwnRequest(details.url) }));
  // Files of this machine are read by the main process alone, never through a session.
  target.protocol.handle('file', () => new Response('', { status: 404 }));
  target.on('will-download', (event) => event.preventDefault());
}

/** The app's own files; images within its styles; the developer tools of a build that has them. */
function isOwnRequest(url: string): boolean {
  return url.startsWith(`${appOrigin}/`) || url.startsWith('data:image/') || (!app.isPackaged && url.startsWith('devtools://'));
}

function restrictContents(contents: WebContents): void {
  // Per page as well: the switch alone does not reach a page that asks for a peer by address.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  const refuse = (event: { preventDefault(): void }): void => event.preventDefault();
  // The app loads its one page by itself (which is not announced here); whatever else wants to navigate does not.
  contents.on('will-navigate', refuse);
  contents.on('will-frame-navigate', refuse);
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', refuse);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** The main frame of a page of the app, and nothing else. */
export function isTrustedSender(sender: Sender): boolean {
  return sender.origin === appOrigin && sender.isMainFrame;
}

/** Preferences of every window. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    partition,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: !app.isPackaged,
  };
}
