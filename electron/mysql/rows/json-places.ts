/** A place in a document: the members of an object or the items of an array below it. */
interface Place {
  readonly members: Map<string, Place>;
  readonly items: Place[];
  suspected: boolean;
}

/** What the scanner is inside of. */
interface Container {
  readonly place: Place;
  readonly isArray: boolean;
  index: number;
}

/** More places than this are not told one by one: a SELECT has 4096 columns at most. */
export const mostPlaces = 1000;
const mostKnown = 8 * mostPlaces;

const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d] as const;
const [quote, backslash, colon, comma, space, minus] = [0x22, 0x5c, 0x3a, 0x2c, 0x20, 0x2d] as const;
const [letterB, letterE, capitalE] = [0x62, 0x65, 0x45] as const;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

const newPlace = (): Place => ({ members: new Map(), items: [], suspected: false });

/**
 * Where in documents something stands whose type its text does not tell. A server prints 1.5 for a DECIMAL and a DOUBLE, 5 for a signed and an
 * unsigned number (before 8.0 for a DOUBLE too), and a string for a date, a time and bytes ("base64:type15:…"). Only an exponent is a DOUBLE's
 * alone. Reads the text as a server prints it, in pieces cut anywhere; anything else in place of JSON leads to no error, only to no answer.
 */
export class JsonPlaces {
  readonly #root = newPlace();
  #known = 1;
  #suspected = 0;
  #tooMany = false;
  #stack: Container[] = [];
  #mode: 'outside' | 'string' | 'number' | 'word' = 'outside';
  #isKey = false;
  #key = '';
  #place: Place = this.#root;
  #first = 0;
  #length = 0;
  #escaped = false;
  #exponent = false;

  /** Before a document. */
  begin(): void {
    this.#stack.length = 0;
    this.#mode = 'outside';
    this.#isKey = false;
    this.#escaped = false;
    this.#place = this.#root;
  }

  /** The next bytes of the document. */
  feed(chunk: Buffer, from: number, to: number): void {
    if (this.#tooMany) return;
    for (let at = from; at < to; ) {
      if (this.#mode === 'string') at = this.#string(chunk, at, to);
      else if (this.#mode === 'outside') this.#outside(chunk[at++] as number);
      else at = this.#token(chunk, at, to);
    }
  }

  /** After the last byte of a document. */
  end(): void {
    if (this.#mode === 'number') this.#endNumber();
  }

  /** Paths of all documents that went by, as JSON functions take them; null: more than {@link mostPlaces}. */
  paths(): readonly string[] | null {
    if (this.#tooMany) return null;
    const paths: string[] = [];
    const collect = (place: Place, path: string): void => {
      if (place.suspected) paths.push(path);
      for (const [key, member] of place.members) collect(member, `${path}."${Buffer.from(key, 'latin1').toString('utf8')}"`);
      place.items.forEach((item, index) => collect(item, `${path}[${index}]`));
    };
    collect(this.#root, '$');
    return paths;
  }

  #outside(byte: number): void {
    switch (byte) {
      case space:
      case colon:
        return;
      case comma:
        this.#next();
        return;
      case openObject:
      case openArray:
        this.#stack.push({ place: this.#place, isArray: byte === openArray, index: -1 });
        this.#next();
        return;
      case closeObject:
      case closeArray:
        this.#stack.pop();
        this.#isKey = false;
        return;
      default:
        this.#first = byte;
        this.#length = 0;
        this.#exponent = false;
        this.#mode = byte === quote ? 'string' : byte === minus || isDigit(byte) ? 'number' : 'word';
    }
  }

  /** Goes to the next item of the array, or to the next key of the object, that the scanner is in. */
  #next(): void {
    const container = this.#stack.at(-1);
    if (container === undefined) return;
    this.#isKey = !container.isArray;
    this.#key = '';
    if (!container.isArray) return;
    container.index += 1;
    const { items } = container.place;
    this.#place = items[container.index] ?? (items[container.index] = this.#newPlace());
  }

  #string(chunk: Buffer, from: number, to: number): number {
    let at = from;
    for (; at < to; at++) {
      const byte = chunk[at] as number;
      if (this.#escaped) this.#escaped = false;
      else if (byte === backslash) this.#escaped = true;
      else if (byte === quote) break;
      if (this.#length === 0) this.#first = byte;
      this.#length += 1;
    }
    if (this.#isKey) this.#key += chunk.toString('latin1', from, at);
    if (at === to) return at;
    this.#mode = 'outside';
    if (this.#isKey) this.#endKey();
    else if (this.#mayBeTyped()) this.#suspect();
    return at + 1;
  }

  /** 2020-01-01; 10:00:00.000000, also of three digits and with a sign; both; base64:type… */
  #mayBeTyped(): boolean {
    const length = this.#length;
    if (this.#first === letterB) return length >= 12;
    return (isDigit(this.#first) || this.#first === minus) && (length === 10 || length === 26 || (length >= 15 && length <= 17));
  }

  #endKey(): void {
    this.#isKey = false;
    const members = this.#stack.at(-1)?.place.members;
    if (members === undefined) return;
    const known = members.get(this.#key);
    this.#place = known ?? this.#newPlace();
    if (known === undefined) members.set(this.#key, this.#place);
  }

  #token(chunk: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = chunk[at] as number;
      if (byte === letterE || byte === capitalE) this.#exponent = true;
      if (byte !== comma && byte !== closeObject && byte !== closeArray && byte !== space) continue;
      if (this.#mode === 'number') this.#endNumber();
      this.#mode = 'outside';
      return at;
    }
    return to;
  }

  #endNumber(): void {
    if (!this.#exponent) this.#suspect();
  }

  #suspect(): void {
    if (this.#place.suspected) return;
    this.#place.suspected = true;
    this.#suspected += 1;
    if (this.#suspected > mostPlaces) this.#tooMany = true;
  }

  #newPlace(): Place {
    this.#known += 1;
    if (this.#known > mostKnown) this.#tooMany = true;
    return newPlace();
  }
}
