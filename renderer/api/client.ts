import type { Envelope } from '../../shared/contract/envelope';
import { methods } from '../../shared/contract/methods';
import type { InputOf, MethodName, OutputOf } from '../../shared/contract/methods';
import { errorOf } from '../../shared/errors/codes';
import type { Bridge } from './bridge';

/** What a call answers: the value, or the failure as a value. Nothing is thrown. */
export type Result<Value> = Envelope<Value>;
/** The failure of a {@link Result}; `correlationId` finds it in the log. */
export type CallError = Extract<Envelope<never>, { ok: false }>['error'];

interface CallOptions {
  /** Aborting cancels the call in the engine; the answer is then the error `cancelled`. */
  readonly signal?: AbortSignal;
}

type Arguments<Name extends MethodName> =
  undefined extends InputOf<Name> ? [input?: undefined, options?: CallOptions] : [input: InputOf<Name>, options?: CallOptions];
type Group = MethodName extends infer Name ? (Name extends `${infer Head}.${string}` ? Head : never) : never;
type Methods<Head extends Group> = {
  readonly [Name in MethodName as Name extends `${Head}.${infer Tail}` ? Tail : never]: (...args: Arguments<Name>) => Promise<Result<OutputOf<Name>>>;
};

type Groups = { readonly [Head in Group]: Methods<Head> };
type Call = <Name extends MethodName>(name: Name, ...args: Arguments<Name>) => Promise<Result<OutputOf<Name>>>;

/** The contract as typed calls: `api.call('fleet.snapshot')` or `api.fleet.snapshot()`, the same thing. */
export type Api = Groups & { readonly call: Call };

function failed(thrown: unknown, callId: string): { ok: false; error: CallError } {
  return { ok: false, error: { ...errorOf(thrown), correlationId: callId, retry: false } };
}

const isMethod = (name: string): name is MethodName => Object.hasOwn(methods, name);

/** Every method of the contract under its group: `fleet.snapshot` as `fleet` → `snapshot`. */
function groupsOf(call: Call): Groups {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const name of Object.keys(methods).filter(isMethod)) {
    const dot = name.indexOf('.');
    const group = (groups[name.slice(0, dot)] ??= {});
    group[name.slice(dot + 1)] = (...args: Arguments<typeof name>) => call(name, ...args);
  }
  // The keys are made from the names that the type is computed from.
  return groups as Groups;
}

/**
 * Builds the client over the bridge of the preload script. `newId` makes call ids.
 * A bridge that breaks its promise and throws is answered as `internal`, so callers handle one shape only.
 */
export function createApi(bridge: Bridge, newId: () => string = () => crypto.randomUUID()): Api {
  const call: Call = async (name, ...[input, options = {}]) => {
    const callId = newId();
    const { signal } = options;
    if (signal?.aborted === true) {
      return { ok: false, error: { code: 'cancelled', params: { what: name }, correlationId: callId, retry: true } };
    }
    const cancel = (): void => bridge.cancel(callId);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      // What answers is the engine, by the same contract.
      return (await bridge.call(name, input, callId)) as Result<OutputOf<typeof name>>;
    } catch (thrown) {
      return failed(thrown, callId);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  };
  return { ...groupsOf(call), call };
}
