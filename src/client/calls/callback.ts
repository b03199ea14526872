/** Node's kind of callback, as dockerode takes it. */
export type Callback<R> = Listener<R>['hear']

/** As a method, so that callers may name the kind of error or result that they know of. */
interface Listener<R> {
  hear(error: Error | null, result?: R): void
}

/** The arguments of a method in dockerode's two forms: `method(options?)`, which gives a promise, and `method(options?, callback)`. */
export type Args<O, R> = readonly [
  options?: O | Callback<R> | null | undefined,
  callback?: Callback<R> | undefined,
]

/** Arguments taken apart. */
export interface Taken<O, R> {
  readonly options: O | undefined
  readonly callback: Callback<R> | undefined
}

/** Takes a method's arguments apart: the callback is the last, whatever is left out before it. */
export function take<O, R>([first, second]: Args<O, R>): Taken<O, R> {
  if (isCallback<O, R>(first)) return { options: undefined, callback: first }
  return { options: first ?? undefined, callback: second }
}

/** The arguments of a method that takes credentials before its options, or among them. */
export type AuthArgs<A, O, R> =
  | readonly [options: O, callback?: Callback<R> | undefined]
  | readonly [auth: A | undefined, options: O, callback?: Callback<R> | undefined]

/** Arguments with credentials, taken apart. */
export interface TakenWithAuth<A, O, R> extends Taken<O, R> {
  readonly auth: A | undefined
}

/** Takes such arguments apart: with one value that is no callback it is the options. */
export function takeAuth<A, O extends object, R>(args: AuthArgs<A, O, R>): TakenWithAuth<A, O, R> {
  const [first, second, third] = args as readonly [unknown, unknown?, unknown?]
  const callback = [second, third].find(value => typeof value === 'function') as Callback<R> | undefined
  const isAlone = second === undefined || typeof second === 'function'
  const options = (isAlone ? first : second) as O
  const auth = (isAlone ? undefined : first) ?? Reflect.get(options, 'authconfig')
  return { auth: auth as A | undefined, options, callback }
}

function isCallback<O, R>(value: O | Callback<R> | null | undefined): value is Callback<R> {
  return typeof value === 'function'
}

/**
 * Does a work and tells its outcome in the form that was asked for: by the callback, or else by a promise of the given kind. With a
 * callback the promise is handled already, so nobody has to catch it.
 */
export function settle<R>(
  Promised: PromiseConstructor,
  callback: Callback<R> | undefined,
  work: () => Promise<R>,
): Promise<R> {
  const promise = new Promised<R>((resolve, reject) => {
    work().then(resolve, reject)
  })
  if (callback === undefined) return promise
  // On a tick of its own: what a callback throws must not become a rejection.
  promise.then(
    result => process.nextTick(callback, null, result),
    error => process.nextTick(callback, error),
  )
  return promise
}
