/** A name as the server reads it whatever the session's character set and modes are. */
export function hexOf(name: string): string {
  return name === '' ? "''" : `CONVERT(0x${Buffer.from(name).toString('hex')} USING utf8mb4)`;
}
