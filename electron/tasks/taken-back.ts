/**
 * Thrown by a step from which there is no way back, where it has proven that there is one after all: it has put its own
 * part back, and its task takes back the steps before it.
 */
export class TakenBack extends Error {
  override readonly name = 'TakenBack';

  /** `reason`: why the step missed; the error of its task. */
  constructor(readonly reason: Error) {
    super(reason.message);
  }
}
