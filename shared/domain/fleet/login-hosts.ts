import type { Instance } from './instance';

/** The host of an account that may log in from any address. */
export const anyHost = '%';
/** The longest host of an account before 8.0.17. */
export const longestAccountHost = 60;

/** Why a text is no host of an account: `empty`, `long`, `characters`, or a `mask` that no address can match. */
export type AccountHostProblem = 'empty' | 'long' | 'characters' | 'mask';

const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function ipv4(text: string): number | null {
  const parts = quad.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Ones, then zeros. A server takes only such a mask for what people mean by one. */
function isMask(bits: number): boolean {
  const zeros = 2 ** 32 - bits;
  return Number.isInteger(Math.log2(zeros));
}

/**
 * What is wrong with the host of an account: an address, a name, a pattern of `%` and `_`, or an IPv4 network with its mask in full. The short
 * form of a mask is known from 8.0.23 on only, and a network with bits beyond its mask matches nobody (manual: "Specifying Account Names").
 */
export function accountHostProblem(text: string): AccountHostProblem | null {
  if (text === '') return 'empty';
  if (text.length > longestAccountHost) return 'long';
  if (!/^[A-Za-z0-9._:%/-]+$/.test(text)) return 'characters';
  if (!text.includes('/')) return null;
  const [network, mask, ...more] = text.split('/').map(ipv4);
  if (more.length > 0 || network == null || mask == null || !isMask(mask)) return 'mask';
  // Numbers, since the shifts of this language end at 31 bits.
  return network % (2 ** 32 - mask) === 0 ? null : 'mask';
}

type Caller = Pick<Instance, 'connectsFrom'>;

/** The host that covers a server in an account, as servers write it; null: nobody said from where it connects. */
function callerHost({ connectsFrom }: Caller): string | null {
  return connectsFrom === undefined ? null : connectsFrom.toLowerCase();
}

/** The hosts of an account that all of these log in with: theirs where each is known, else any. */
export function loginHosts(callers: readonly Caller[]): readonly string[] {
  const hosts = callers.map(callerHost);
  const known = hosts.filter((host) => host !== null);
  return hosts.length === 0 || known.length < hosts.length ? [anyHost] : [...new Set(known)].sort();
}

/** The hosts that accounts of a name lack, of those that are wanted. One for any host is enough. */
export function missingHosts(present: readonly string[], wanted: readonly string[]): readonly string[] {
  return present.includes(anyHost) ? [] : wanted.filter((host) => !present.includes(host));
}

/** Whether accounts with these hosts let a server in, as far as its own statement of where it connects from tells. */
export function letsIn(present: readonly string[], caller: Caller): boolean {
  return missingHosts(present, loginHosts([caller])).length === 0;
}
