/** Node's kind of callback, as dockerode takes it. */
export type Callback<R> = (error: Error | null, result?: R) => void

/** First argument of a method: its options, or the callback when there are none. */
export type OptionsOr<O, R> = O | Callback<R> | undefined

/**
 * Every method of the client comes in dockerode's two forms: `method(options?)` gives a promise,
 * `method(options?, callback)` calls back. This is the one place that knows both. With a callback the promise is
 * handled already, so nobody has to catch it.
 */
export function adapt<O, R>(
  first: OptionsOr<O, R>,
  second: Callback<R> | undefined,
  run: (options: O | undefined) => Promise<R>,
): Promise<R> {
  const [options, callback] = isCallback<O, R>(first) ? [undefined, first] : [first, second]
  const promise = run(options)
  if (callback === undefined) return promise
  // On a tick of its own: what a callback throws must not become a rejection.
  promise.then(
    result => process.nextTick(callback, null, result),
    error => process.nextTick(callback, error),
  )
  return promise
}

function isCallback<O, R>(value: OptionsOr<O, R>): value is Callback<R> {
  return typeof value === 'function'
}
