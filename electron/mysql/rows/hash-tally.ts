import { failure } from '../../../shared/errors/codes';

/** A hash as it comes with each row: so many bytes, the highest first. */
export const hashBytes = 8;

/** So many rows are added up as numbers that lose nothing. */
const mostAtOnce = 1024 * 1024;

/** Adds up whole numbers without a sign that come as bytes, one with each row; one that is NULL adds nothing, as in a SUM. */
export class HashTally {
  private total = 0n;
  private high = 0;
  private low = 0;
  private count = 0;
  private readonly value = Buffer.alloc(hashBytes);
  private length = 0;

  begin(): void {
    this.length = 0;
  }

  /** Bytes of the value begun. */
  feed(chunk: Buffer, from: number, to: number): void {
    if (this.length + to - from > hashBytes) throw otherLength();
    this.length += chunk.copy(this.value, this.length, from, to);
  }

  end(): void {
    if (this.length !== hashBytes) throw otherLength();
    this.add(this.value, 0);
  }

  /** A value, all of it there. */
  add(chunk: Buffer, at: number): void {
    this.high += chunk.readUInt32BE(at);
    this.low += chunk.readUInt32BE(at + 4);
    this.count += 1;
    if (this.count === mostAtOnce) this.fold();
  }

  /** Decimal. */
  sum(): string {
    this.fold();
    return String(this.total);
  }

  private fold(): void {
    this.total += (BigInt(this.high) << 32n) + BigInt(this.low);
    [this.high, this.low, this.count] = [0, 0, 0];
  }
}

function otherLength(): Error {
  return failure('internal', { detail: 'a hash of another length' });
}
