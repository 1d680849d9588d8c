/** What a server sent breaks the protocol, or is more than was asked for; `code` makes it `protocol-broken`. */
export class BrokenProtocol extends Error {
  readonly code = 'PROTOCOL_BROKEN';
}

/** Until a login is accepted a server has nothing to say but its greeting, its keys and an answer. Bytes, of both directions of TLS too. */
export const loginBytes = 1024 * 1024;
/** The largest max_allowed_packet of a server, and the header of a row around it. */
const longestPacket = 1024 * 1024 * 1024 + 64 * 1024;
/**
 * What an answer that is read as a whole may have, bytes: a value of `max_allowed_packet` at its largest fits into it. Rows that are
 * read one by one, and transfers, have no such end; a packet of theirs has.
 */
const answerBytes = longestPacket;
/** While nothing is asked a server has nothing to say but why it goes. Bytes. */
const idleBytes = 64 * 1024;
/** What an answer about a server's own state may have, bytes: its GTID sets, its sessions, its variables. */
export const statusBytes = 64 * 1024 * 1024;
/** A packet of the protocol that is followed by more of the same. */
const fullPacket = 0xffffff;

/**
 * Counts what a server sends, before anything is made of it: a length that a header only claims costs nothing, and a stream without
 * an end is ended. Reference: "MySQL Packets" in the protocol's documentation.
 */
export class PacketMeter {
  /** Bytes that the present answer may still have; Infinity: rows are taken one by one. */
  #left = loginBytes;
  #budget = loginBytes;
  /** Bytes of the present frame that are still to come. */
  #ahead = 0;
  /** Bytes of the present packet, which may be of several frames. */
  #packet = 0;
  /** Of the header that has begun: how many bytes, and the length that they tell so far. */
  #header = 0;
  #length = 0;

  constructor(private readonly mostOfAnswer = answerBytes) {}

  /** Begins to count anew: a whole answer, rows that are read one by one, or nothing but why the server goes. */
  expect(what: 'answer' | 'rows' | 'nothing'): void {
    this.#budget = what === 'answer' ? this.mostOfAnswer : what === 'rows' ? Infinity : idleBytes;
    this.#left = this.#budget;
  }

  /** @throws BrokenProtocol once it is too much */
  take(chunk: Uint8Array): void {
    this.#left -= chunk.length;
    if (this.#left < 0) throw new BrokenProtocol(`more than ${String(this.#budget)} bytes where nobody asked for them`);
    for (let at = 0; at < chunk.length; ) {
      if (this.#ahead === 0) {
        // The fourth is the number of the packet.
        if (this.#header < 3) this.#length += (chunk[at] as number) * 0x100 ** this.#header;
        this.#header += 1;
        at += 1;
        if (this.#header === 4) this.#begin();
        continue;
      }
      const taken = Math.min(this.#ahead, chunk.length - at);
      this.#ahead -= taken;
      at += taken;
    }
  }

  #begin(): void {
    const length = this.#length;
    this.#header = 0;
    this.#length = 0;
    this.#ahead = length;
    this.#packet += length;
    const limit = Math.min(this.#budget, longestPacket);
    if (this.#packet > limit) throw new BrokenProtocol(`a packet of more than ${String(limit)} bytes`);
    if (length < fullPacket) this.#packet = 0;
  }
}
