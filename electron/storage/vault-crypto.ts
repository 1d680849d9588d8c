import { createCipheriv, createDecipheriv, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';

/** The time of scrypt goes with n·r·p, its memory is 128·n·r bytes: four times what a new vault takes, and no more. */
const MOST_WORK = 2 ** 22;
const MOST_BYTES = 512 * 2 ** 20;

/** How a key was made from a passphrase. Stored beside what it locks, so that stronger parameters can follow. */
export const kdfSchema = v.pipe(
  v.object({
    algorithm: v.literal('scrypt'),
    n: v.pipe(v.number(), v.integer(), v.minValue(2 ** 14), v.maxValue(2 ** 20)),
    r: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
    p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
    salt: v.pipe(v.string(), v.base64(), v.minLength(22), v.maxLength(128)),
  }),
  // Each alone says little: a file from elsewhere could make the app work for half a minute and take gigabytes within them.
  v.check(({ n, r, p }) => Number.isInteger(Math.log2(n)) && n * r * p <= MOST_WORK && 128 * n * r <= MOST_BYTES, 'bounds of scrypt'),
);
export type Kdf = v.InferOutput<typeof kdfSchema>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Parameters for a new passphrase: 128 MiB and about half a second on a small machine (OWASP's first choice for scrypt). */
export function newKdf(): Kdf {
  return { algorithm: 'scrypt', n: 2 ** 17, r: 8, p: 1, salt: randomBytes(16).toString('base64') };
}

/** The key of a passphrase. */
export function deriveKey(passphrase: string, kdf: Kdf): Promise<Buffer> {
  const maxmem = 129 * kdf.n * kdf.r * kdf.p + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), Buffer.from(kdf.salt, 'base64'), KEY_BYTES, { N: kdf.n, r: kdf.r, p: kdf.p, maxmem }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/**
 * Encrypts and authenticates with AES-256-GCM under a fresh random nonce. The place (`name`) and the key's parameters are
 * authenticated too: a sealed text that is moved to another name, or whose header was changed, does not open.
 */
export function seal(key: Buffer, kdf: Kdf, name: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(kdf, name));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** The text of a sealed one; null where the key is not its key or it was changed. */
export function unseal(key: Buffer, kdf: Kdf, name: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(kdf, name));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

/** What proves a passphrase without opening a secret. */
const CHECK_NAME = '#check';
const CHECK_TEXT = Buffer.from('antipode vault');

export function newCheck(key: Buffer, kdf: Kdf): string {
  return seal(key, kdf, CHECK_NAME, CHECK_TEXT.toString());
}

export function passesCheck(key: Buffer, kdf: Kdf, check: string): boolean {
  const text = unseal(key, kdf, CHECK_NAME, check);
  if (text === null) return false;
  const bytes = Buffer.from(text);
  return bytes.length === CHECK_TEXT.length && timingSafeEqual(bytes, CHECK_TEXT);
}

function boundTo(kdf: Kdf, name: string): Buffer {
  return Buffer.from(JSON.stringify(['antipode-vault', 1, kdf.algorithm, kdf.n, kdf.r, kdf.p, kdf.salt, name]));
}
