// What nobody caught. It must not end the terminal without a word, nor without the object that a script waits for.
import { errorOf, type AppError } from '../../shared/errors/codes';

/** A fault that reached the end of every stack. */
export class UncaughtFault extends Error {
  constructor(override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }

  get error(): AppError {
    return errorOf(this.cause);
  }

  /** Where it comes from, for the log of whoever reports it. */
  get trace(): string {
    return this.cause instanceof Error ? (this.cause.stack ?? this.cause.message) : String(this.cause);
  }
}

/** A reader that went away early is no fault, and nobody is left to tell. */
function isReaderGone(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE';
}

type Listener = (fault: UncaughtFault) => void;

/** Who hears of a fault: the innermost of those that run. */
const listeners: Listener[] = [];
/** One is told as the outcome, whatever comes after it. */
let isTold = false;

function onFault(thrown: unknown): void {
  if (!isReaderGone(thrown)) listeners.at(-1)?.(new UncaughtFault(thrown));
}

/**
 * Runs a command until it ends, or until something that nobody caught: then it rejects with that, at once, so that what is open can be
 * closed in order and the failure told. What else comes uncaught in this process is told by `more`.
 *
 * @throws UncaughtFault, or what `work` throws
 */
export async function untilFault<Result>(work: () => Promise<Result>, more: Listener): Promise<Result> {
  if (listeners.length === 0) process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  let listener: Listener = more;
  const failed = new Promise<never>((_resolve, reject) => {
    listener = (fault) => {
      if (isTold) more(fault);
      else reject(fault);
      isTold = true;
    };
  });
  listeners.push(listener);
  try {
    return await Promise.race([work(), failed]);
  } finally {
    listeners.splice(listeners.indexOf(listener), 1);
  }
}

/** Resolves when all that was written to the standard streams has left, or nobody takes it any more. */
export async function untilWritten(...streams: readonly NodeJS.WriteStream[]): Promise<void> {
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => {
    if (stream.destroyed || !stream.writable) {
      resolve();
      return;
    }
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  })));
}
