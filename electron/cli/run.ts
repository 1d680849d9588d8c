import { randomUUID } from 'node:crypto';
import { methods, type InputOf, type MethodName, type OutputOf } from '../../shared/contract/methods';
import { Failure, failure } from '../../shared/errors/codes';
import type { Instance } from '../../shared/domain/fleet/instance';
import type { Engine } from '../engine-types';
import type { ExitCode } from './exit-codes';
import { createHandlers, terminalPort } from '../api/handlers';
import { createRouter } from '../api/router';
import type { Output } from './output';

/** What a command works with: the engine, behind the same router as the windows, and where to print. */
export interface Run {
  readonly engine: Engine;
  readonly out: Output;
  /** Passwords by instance name that were given for this run; handed on to a run in the background. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  /** The command with its arguments and options as they were given, without the options of the program. */
  readonly given: readonly string[];
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Calls a method of the contract: parsed, guarded and audited as a call from a window is. What is asked for ends with an interrupt, and an interrupted
   * command orders nothing more: who pressed Ctrl-C while a plan was made does not want it carried out. Throws a Failure.
   */
  call<Name extends MethodName>(method: Name, input: InputOf<Name>, signal?: AbortSignal): Promise<OutputOf<Name>>;
  instance(name: string): Instance;
}

/** Wraps a command: builds the engine, runs, closes it, and turns a failure into text and exit code. */
export type Start = <Arguments extends readonly unknown[]>(
  action: (run: Run, ...given: Arguments) => Promise<ExitCode | void>,
) => (...given: Arguments) => Promise<void>;

/** What an interrupted command still orders. */
const stopping: ReadonlySet<MethodName> = new Set(['tasks.cancel', 'sync.cancel', 'verification.pause']);

const interrupted = ({ given }: Pick<Run, 'given'>): Failure => failure('cancelled', { what: given.join(' ') });

/** What comes first: the answer, or an interrupt that whoever answers may take a while to hear of. */
function untilInterrupt<Answer>(run: Pick<Run, 'signal' | 'given'>, answering: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const release = onInterrupt(run, () => reject(interrupted(run)));
    void answering.then(resolve, reject).finally(release);
  });
}

/** Calls `act` once where the user interrupts, also where that was before. Returns what ends that. */
export function onInterrupt({ signal }: Pick<Run, 'signal'>, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => undefined;
  }
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/** Builds a {@link Run} around an engine. */
export function createRun(parts: Pick<Run, 'engine' | 'out' | 'passwords' | 'dataFolder' | 'given' | 'signal'>): Run {
  const router = createRouter({ handlers: createHandlers(parts.engine, terminalPort) });
  return {
    ...parts,
    async call(method, input, signal) {
      const isQuery = methods[method].kind === 'query';
      if (!isQuery && parts.signal.aborted && !stopping.has(method)) throw interrupted(parts);
      const until = signal ?? (isQuery && !parts.signal.aborted ? parts.signal : undefined);
      const answering = router.dispatch(method, input, { callId: randomUUID(), ...(until === undefined ? {} : { signal: until }) });
      const answer = await (isQuery && until === parts.signal ? untilInterrupt(parts, answering) : answering);
      if (!answer.ok) throw new Failure(answer.error);
      return answer.value;
    },
    instance: (name) => parts.engine.fleet.instanceByName(name),
  };
}
