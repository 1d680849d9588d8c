import * as v from 'valibot';
import { failure } from '../../shared/errors/codes';
import { openDocument } from '../storage/document';
import type { Document } from '../storage/types';
import { describeOwner, isAlive, newOwner, retireOwner, type Owner } from '../tasks/owner';

const schema = v.object({ owner: v.nullable(v.object({ pid: v.number(), start: v.string(), run: v.string(), user: v.string(), host: v.string() })) });

/**
 * Which process serves a data folder without a window, kept in `serving.json`. One that died without a word counts for nothing. Windows may
 * open beside it: an incident must not wait for a service to be stopped.
 */
export class Serving {
  readonly #document: Document<v.InferOutput<typeof schema>>;
  #mine: Owner | null = null;

  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'serving', version: 1, schema, empty: { owner: null } });
  }

  /** @throws Failure `already-served` */
  take(): void {
    const mine = newOwner();
    try {
      this.#document.update(({ owner }) => {
        if (owner !== null && isAlive(owner)) throw failure('already-served', { holder: describeOwner(owner) });
        return { owner: { ...mine } };
      });
      this.#mine = mine;
    } catch (thrown) {
      retireOwner(mine);
      throw thrown;
    }
  }

  release(): void {
    const mine = this.#mine;
    if (mine === null) return;
    this.#mine = null;
    retireOwner(mine);
    this.#document.update((old) => (old.owner?.run === mine.run ? { owner: null } : old));
  }

  /** Another process serves the folder. */
  isOther(): boolean {
    const { owner } = this.#document.get();
    return owner !== null && owner.run !== this.#mine?.run && isAlive(owner);
  }
}
