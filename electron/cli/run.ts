import { randomUUID } from 'node:crypto';
import type { InputOf, MethodName, OutputOf } from '../../shared/contract/methods';
import { Failure } from '../../shared/errors/codes';
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
  /** Calls a method of the contract: parsed, guarded and audited as a call from a window is. Throws a Failure. */
  call<Name extends MethodName>(method: Name, input: InputOf<Name>, signal?: AbortSignal): Promise<OutputOf<Name>>;
  instance(name: string): Instance;
}

/** Wraps a command: builds the engine, runs, closes it, and turns a failure into text and exit code. */
export type Start = <Arguments extends readonly unknown[]>(
  action: (run: Run, ...given: Arguments) => Promise<ExitCode | void>,
) => (...given: Arguments) => Promise<void>;

/** Builds a {@link Run} around an engine. */
export function createRun(parts: Pick<Run, 'engine' | 'out' | 'passwords' | 'dataFolder' | 'given' | 'signal'>): Run {
  const router = createRouter({ handlers: createHandlers(parts.engine, terminalPort) });
  return {
    ...parts,
    async call(method, input, signal) {
      const answer = await router.dispatch(method, input, { callId: randomUUID(), ...(signal === undefined ? {} : { signal }) });
      if (!answer.ok) throw new Failure(answer.error);
      return answer.value;
    },
    instance: (name) => parts.engine.fleet.instanceByName(name),
  };
}
