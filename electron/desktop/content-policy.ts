/** The one origin of the app's own pages. */
export const appScheme = 'app';
export const appHost = 'antipode';
export const appOrigin = `${appScheme}://${appHost}`;

/**
 * The Content-Security-Policy of a page: nothing, and then exactly what the app needs. Styles that scripts put into the
 * page at run time carry the nonce of that page; scripts only ever come from the app's files.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'none'",
    "frame-src 'none'",
    "worker-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** What index.html holds where the nonce of its loading belongs. */
export const noncePlaceholder = '__CSP_NONCE__';
