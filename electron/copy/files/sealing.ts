// Files that are encrypted piece by piece, so that each piece is proven before any of it is used.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * A sealed file: 8 bytes `ANTIENC1`, 8 random bytes, then records. A record: 4 bytes (big endian) the length of what follows, the piece encrypted
 * by AES-256-GCM, 16 bytes of its tag. Its nonce is the 8 random bytes and the number of the record (4 bytes, big endian, from 0); authenticated
 * with it is one byte: 1 for the last record, which is empty, else 0. The key of a file is HKDF-SHA-256 of the key of the backup, without a
 * salt, with the file's path as info.
 */
const sealMagic = Buffer.from('ANTIENC1', 'latin1');
const saltBytes = 8;
/** Whether a file that begins so is a sealed one. */
export const isSealed = (head: Buffer): boolean => head.subarray(0, sealMagic.length).equals(sealMagic);
/** What stands before the first record. */
export const sealHeadBytes = sealMagic.length + saltBytes;
/** What a record adds to its piece. */
export const recordFrame = 4 + 16;
const tagBytes = 16;

/** The key of one file. `path`: in the folder, with `/`. */
export function fileKey(key: Uint8Array, path: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), Buffer.from(path, 'utf8'), 32));
}

/** Seals the pieces of one file, in their order. */
export class Sealer {
  readonly head: Buffer;
  readonly #salt = randomBytes(saltBytes);
  #count = 0;

  constructor(private readonly key: Buffer) {
    this.head = Buffer.concat([sealMagic, this.#salt]);
  }

  record(piece: Uint8Array, isLast = false): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.key, nonceOf(this.#salt, this.#count++), { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from([isLast ? 1 : 0]));
    const body = Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  }
}

/** Opens the pieces of one file, in their order. */
export class Unsealer {
  readonly #salt: Buffer;
  #count = 0;

  /** @throws where the head is none */
  constructor(private readonly key: Buffer, head: Buffer) {
    if (head.length !== sealHeadBytes || !head.subarray(0, sealMagic.length).equals(sealMagic)) throw new Error('no sealed file');
    this.#salt = Buffer.from(head.subarray(sealMagic.length));
  }

  /** The piece of a record without its length; throws where it was changed, or the key is another one. */
  open(body: Buffer, isLast = false): Buffer {
    if (body.length < tagBytes) throw new Error('a record that is cut');
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonceOf(this.#salt, this.#count++), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from([isLast ? 1 : 0]));
    decipher.setAuthTag(body.subarray(body.length - tagBytes));
    return Buffer.concat([decipher.update(body.subarray(0, body.length - tagBytes)), decipher.final()]);
  }
}

function nonceOf(salt: Buffer, count: number): Buffer {
  const nonce = Buffer.alloc(12);
  salt.copy(nonce);
  nonce.writeUInt32BE(count, saltBytes);
  return nonce;
}
