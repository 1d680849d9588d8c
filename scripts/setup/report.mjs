// What the set-up says while it works, and how it fails: every failure names its step and the cure.

export class SetupError extends Error {
  /**
   * @param {string} step what was being done
   * @param {string} cause what went wrong, in the tool's own words where there are any
   * @param {string} cure what the reader can do about it
   */
  constructor(step, cause, cure) {
    super(`Setup failed at "${step}".\n  What happened: ${cause.trim().replaceAll('\n', '\n    ')}\n  What to do:    ${cure.replaceAll('\n', '\n    ')}`);
    this.name = 'SetupError';
    this.step = step;
    this.reason = cause.trim();
    this.cure = cure;
  }
}

/** What was asked for is not in reach of this machine, and nothing else needs it: told, counted as not there, and gone on without. */
export class ArchiveUnavailable extends SetupError {}

/** @typedef {{ say: (text: string) => void, warn: (text: string) => void }} Report */

/**
 * @param {{ quiet?: boolean }} options
 * @returns {Report}
 */
export function createReport({ quiet = false } = {}) {
  const started = Date.now();
  const say = (text) => {
    if (quiet) return;
    process.stderr.write(`[setup ${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${text}\n`);
  };
  // A warning is said even when progress is not wanted.
  const warn = (text) => process.stderr.write(`[setup] ${text}\n`);
  return { say, warn };
}
