import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative } from 'node:path';
import { appHost, appScheme, contentSecurityPolicy, noncePlaceholder } from './content-policy';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.json': 'application/json',
};

/** What the app:// protocol answers. */
export interface AppFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/**
 * Answers a request for a file of the built renderer in `root`. Only GET, only this app's host, only known kinds of
 * files, and only what lies inside of `root` once links are followed; everything else is 404 without a word about why.
 */
export async function serveAppFile(root: string, request: { readonly url: string; readonly method: string }, makeNonce: () => string): Promise<AppFile> {
  const path = pathOf(request);
  if (path === null) return notFound;
  try {
    const base = await realpath(root);
    const file = await realpath(join(base, path));
    const inside = relative(base, file);
    const type = types[extname(file)];
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside) || type === undefined) return notFound;
    const content = await readFile(file);
    const nonce = makeNonce();
    const headers = {
      'Content-Type': type,
      'Content-Security-Policy': contentSecurityPolicy(nonce),
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    };
    if (extname(file) !== '.html') return { status: 200, headers, body: content };
    return { status: 200, headers, body: content.toString('utf8').replaceAll(noncePlaceholder, nonce) };
  } catch {
    return notFound;
  }
}

const notFound: AppFile = { status: 404, headers: { 'Content-Type': 'text/plain', 'Content-Security-Policy': "default-src 'none'" }, body: '' };

function pathOf({ url, method }: { readonly url: string; readonly method: string }): string | null {
  if (method !== 'GET') return null;
  let path: string;
  try {
    const parsed = new URL(url);
    if (parsed.protocol !== `${appScheme}:` || parsed.host !== appHost) return null;
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  // A backslash is a separator on Windows, a NUL ends names in some system calls.
  if (path.includes('\0') || path.includes('\\')) return null;
  return path === '/' ? '/index.html' : path;
}
