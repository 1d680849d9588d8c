import { nameOfToday } from '../../../sql/variable-names';
import { wholeOf } from '../compare';

/** The variables of a server by their names of today, as a rule reads them. What a server does not have makes no rule break. */
export class Values {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = new Map([...values].map(([name, value]) => [nameOfToday(name), value]));
  }

  /** null: the server has no such variable. */
  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  /** NaN where there is none, or where it is no number: then every comparison is false. */
  number(name: string): number {
    const text = this.#values.get(name);
    if (text === undefined) return Number.NaN;
    const whole = wholeOf(text);
    return whole === null ? Number(text === '' ? Number.NaN : text) : Number(whole);
  }

  isOn(name: string): boolean {
    return /^(?:on|1|yes|true)$/i.test(this.#values.get(name) ?? '');
  }

  isOff(name: string): boolean {
    return /^(?:off|0|no|false)$/i.test(this.#values.get(name) ?? '');
  }

  /** Whether it is one of these words, whatever their case. */
  is(name: string, ...words: readonly string[]): boolean {
    const text = this.#values.get(name)?.toLowerCase();
    return text !== undefined && words.some((word) => word.toLowerCase() === text);
  }

  /** Whether the list of words that it holds has this one. */
  holds(name: string, word: string): boolean {
    return (this.#values.get(name) ?? '').toLowerCase().split(',').map((one) => one.trim()).includes(word.toLowerCase());
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/** What a rule must know besides variables. */
export interface RuleFacts {
  /** Standbys and other replicas that follow the server. */
  readonly replicas: number;
  /** Whether this program's own connection is encrypted. */
  readonly encrypted: boolean;
}

/** What values, valid each by itself, must not be together. */
export interface ParameterRule {
  /** Its text is `parameters.rule.<id>`: what may break. */
  readonly id: string;
  /** The variables that it is about, by their names of today. */
  readonly names: readonly string[];
  /** `refuse`: nobody wants it; `warn`: it may be meant, and is accepted by a word. */
  readonly severity: 'refuse' | 'warn';
  breaks(values: Values, facts: RuleFacts): boolean;
  /** The first may not be above the second: while both change, this is the order. */
  readonly bound?: readonly [lower: string, upper: string];
}
