import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { methods } from '../../shared/contract/methods';
import { failure } from '../../shared/errors/codes';
import type { Envelope } from '../../shared/contract/envelope';
import type { Method } from '../../shared/contract/method';
import type { InputOf, MethodName, OutputOf } from '../../shared/contract/methods';
import type { ErrorCode } from '../../shared/errors/codes';
import { tooLarge } from './limits';
import { answeredError, bringsSecret, loggedText } from './secrets';

/** What a handler knows of its call. */
export interface CallContext {
  readonly callId: string;
  /** Aborted when the caller cancels or goes away. */
  readonly signal: AbortSignal;
}

/** One function per method of the contract: one that is missing, or one too many, does not compile. */
export type HandlerMap = {
  readonly [Name in MethodName]: (input: InputOf<Name>, context: CallContext) => Promise<OutputOf<Name>> | OutputOf<Name>;
};

/** The handlers of the methods whose names begin so: one that is missing, or one too many, does not compile. */
export type Handlers<Prefix extends string> = Pick<HandlerMap, Extract<MethodName, `${Prefix}.${string}`>>;

/** Who calls from outside: a frame of a window. */
export interface Sender {
  /** Tells one window's calls from another's. */
  readonly id: string;
  /** Of the frame that sends; empty where it is gone. */
  readonly origin: string;
  readonly isMainFrame: boolean;
}

export interface RouterOptions {
  readonly handlers: HandlerMap;
  /** Which senders are answered; without it none is, and only `dispatch` works. */
  readonly isTrusted?: (sender: Sender) => boolean;
  /** Told of every failure with its correlation id; what may quote a secret of the call is withheld. */
  readonly log?: (line: { readonly correlationId: string; readonly method: string; readonly code: ErrorCode; readonly text: string }) => void;
}

export interface Router {
  /** A call from a window, nothing of it believed yet. Always resolves, always to an envelope. */
  receive(sender: Sender, request: unknown): Promise<Envelope<unknown>>;
  /** A call from within the process; same parsing, same guards. */
  dispatch<Name extends MethodName>(
    method: Name,
    input: InputOf<Name>,
    call?: { readonly callId?: string; readonly signal?: AbortSignal },
  ): Promise<Envelope<OutputOf<Name>>>;
  /** Cancels a call that a sender has under way; unknown ids are nothing to do. */
  cancel(sender: Pick<Sender, 'id'>, callId: unknown): void;
  /** Cancels the queries of a sender that has gone; what changes servers runs on. */
  forget(senderId: string): void;
}

/** Trying the same again may help. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'audit-unwritable', 'cancelled', 'connection-lost', 'host-unreachable', 'lock-held', 'lock-wait-timeout', 'may-take-hold', 'protocol-broken',
  'plan-expired', 'plan-outdated', 'query-timeout', 'storage-full', 'tcp-refused', 'tcp-timeout', 'too-many-connections',
]);

const requestSchema = v.strictObject({
  method: v.pipe(v.string(), v.maxLength(64)),
  callId: v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[A-Za-z0-9-]+$/)),
  input: v.optional(v.unknown()),
});

/** Routes calls: known method → trusted sender → parsed input → handler → envelope. Nothing is thrown across. */
export function createRouter(options: RouterOptions): Router {
  return new CallRouter(options);
}

/** A call under way. */
interface Call {
  readonly senderId: string;
  readonly abort: AbortController;
  readonly kind: Method['kind'];
}

class CallRouter implements Router {
  readonly #handlers: HandlerMap;
  readonly #isTrusted: (sender: Sender) => boolean;
  readonly #log: RouterOptions['log'];
  /** By sender and call. */
  readonly #running = new Map<string, Call>();

  constructor({ handlers, isTrusted = () => false, log }: RouterOptions) {
    this.#handlers = handlers;
    this.#isTrusted = isTrusted;
    this.#log = log;
  }

  async receive(sender: Sender, request: unknown): Promise<Envelope<unknown>> {
    const outer = v.safeParse(requestSchema, request);
    if (!outer.success) return this.#refused('', failure('invalid-input', { field: 'request', reason: 'expected { method, callId, input }' }), false);
    const { method, callId, input } = outer.output;
    return this.#tracked(sender.id, method, input, callId, undefined, () => {
      if (!this.#isTrusted(sender)) throw failure('untrusted-sender', { origin: sender.origin.slice(0, 200) });
    });
  }

  async dispatch<Name extends MethodName>(
    method: Name,
    input: InputOf<Name>,
    call: { readonly callId?: string; readonly signal?: AbortSignal } = {},
  ): Promise<Envelope<OutputOf<Name>>> {
    const envelope = await this.#tracked('', method, input, call.callId ?? randomUUID(), call.signal, () => undefined);
    // The handler of this name gave the value.
    return envelope as Envelope<OutputOf<Name>>;
  }

  cancel(sender: Pick<Sender, 'id'>, callId: unknown): void {
    if (typeof callId === 'string') this.#running.get(`${sender.id} ${callId}`)?.abort.abort();
  }

  forget(senderId: string): void {
    for (const call of this.#running.values()) if (call.senderId === senderId && call.kind === 'query') call.abort.abort();
  }

  /** Answers a call that can be cancelled while it is under way; `check` throws where it must not be made. */
  async #tracked(
    senderId: string,
    method: string,
    input: unknown,
    callId: string,
    signal: AbortSignal | undefined,
    check: () => void,
  ): Promise<Envelope<unknown>> {
    const key = `${senderId} ${callId}`;
    const abort = new AbortController();
    const relay = (): void => abort.abort(signal?.reason);
    if (signal?.aborted === true) relay();
    signal?.addEventListener('abort', relay, { once: true });
    const refuseDouble = this.#running.has(key);
    const kind = Object.hasOwn(methods, method) ? methods[method as MethodName].kind : 'query';
    if (!refuseDouble) this.#running.set(key, { senderId, abort, kind });
    try {
      return await this.#answer(method, input, { callId, signal: abort.signal }, () => {
        check();
        if (refuseDouble) throw failure('invalid-input', { field: 'callId', reason: 'in use' });
      });
    } finally {
      if (!refuseDouble) this.#running.delete(key);
      signal?.removeEventListener('abort', relay);
    }
  }

  async #answer(method: string, input: unknown, context: CallContext, check: () => void): Promise<Envelope<unknown>> {
    // Measured first: nothing else walks through an input that may be endless.
    const size = tooLarge(input);
    const hadSecret = size !== null || bringsSecret(input);
    try {
      const known = methodNamed(method);
      check();
      if (size !== null) throw failure('invalid-input', { field: 'input', reason: size });
      return { ok: true, value: await this.#carriedOut(known, parse(known, input), context) };
    } catch (thrown) {
      return this.#refused(method, thrown, hadSecret);
    }
  }

  /** A query that is cancelled is answered at once; a command is told, and answered when it has really stopped. */
  async #carriedOut(method: MethodName, input: unknown, context: CallContext): Promise<unknown> {
    // The schema of the same name has just parsed the input.
    const handler = this.#handlers[method] as (input: unknown, context: CallContext) => unknown;
    const work = Promise.resolve(handler(input, context));
    if (methods[method].kind === 'command') return work;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(failure('cancelled', { what: method }));
      if (context.signal.aborted) abort();
      context.signal.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject).finally(() => context.signal.removeEventListener('abort', abort));
    });
  }

  #refused(method: string, thrown: unknown, hadSecret: boolean): Envelope<never> {
    const error = answeredError(thrown, hadSecret);
    const correlationId = randomUUID();
    this.#log?.({ correlationId, method: Object.hasOwn(methods, method) ? method : 'unknown', code: error.code, text: loggedText(thrown, hadSecret) });
    return { ok: false, error: { ...error, correlationId, retry: passing.has(error.code) } };
  }
}

function methodNamed(name: string): MethodName {
  // `hasOwn`: "constructor" and "__proto__" are no methods.
  if (!Object.hasOwn(methods, name)) throw failure('unknown-method', { method: name.slice(0, 64) });
  return name as MethodName;
}

/** A rule in our words where it has some: a pattern tells nobody anything. What the library says by itself begins with "Invalid" and holds what came. */
function ruleOf({ type, expected, message, requirement }: v.BaseIssue<unknown>): string {
  if (expected !== null && !(requirement instanceof RegExp)) return `expected ${expected}`;
  if (message.startsWith('Invalid')) return type;
  return type === 'check' ? message : `expected ${message}`;
}

/** The reason tells what was expected and never what came: that may be a password in the wrong place. */
function parse(method: MethodName, input: unknown): unknown {
  const result = v.safeParse(methods[method].input, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = (v.getDotPath(issue) ?? 'input').slice(0, 200);
  throw failure('invalid-input', { field, reason: ruleOf(issue) });
}
