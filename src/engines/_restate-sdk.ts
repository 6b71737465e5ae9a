/** The engine's SDK is an optional package; only this file loads it. */
import { UserError } from '../core/errors.ts';

type Sdk = typeof import('@restatedev/restate-sdk');

/** Loads it. Throws UserError where it is not installed. */
export async function loadSdk(): Promise<Sdk> {
  // The SDK asks for what Node 22 has; without it every call fails for ever and nobody is told.
  if (typeof (Promise as { withResolvers?: unknown }).withResolvers !== 'function') {
    Object.defineProperty(Promise, 'withResolvers', {
      configurable: true,
      writable: true,
      value<T>(this: PromiseConstructor) {
        let resolve!: (value: T) => void;
        let reject!: (reason: unknown) => void;
        const promise = new this<T>((a, b) => {
          resolve = a as typeof resolve;
          reject = b;
        });
        return { promise, resolve, reject };
      },
    });
  }
  try {
    return await import('@restatedev/restate-sdk');
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw e;
    throw new UserError('the package of the engine is not installed: @restatedev/restate-sdk', {
      hints: ['It is optional: npm install @restatedev/restate-sdk@1.17.2'],
    });
  }
}
