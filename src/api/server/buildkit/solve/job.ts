import { setMaxListeners } from 'node:events'
import type { Solved } from '../../../backend/solves.ts'
import { Canceled, type RpcStatus } from '../grpc/error.ts'
import type { Decoded } from '../proto/messages.ts'
import { Story } from './story.ts'

/** What `Control.Solve` was asked for. */
export type SolveTerms = Decoded<'SolveRequest'>

/** What a client gives back of a build that it drives: results of the bridge, or why there is none. */
export type Returned = { readonly result: Decoded<'BridgeResult'> | null } | { readonly error: RpcStatus }

/** One build, from the call of `Control.Solve` to its answer; a client that drives it by the bridge names it by its reference. */
export class Job {
  readonly terms: SolveTerms
  readonly story: Story = new Story()
  readonly begun: Date = new Date()
  /** What the bridge has made, by reference. */
  readonly solved: Map<string, Solved> = new Map()
  /** What its client gives back. */
  readonly returned: Promise<Returned>
  readonly #abort = new AbortController()
  #return: (returned: Returned) => void = () => undefined
  readonly #work = new Set<Promise<unknown>>()

  constructor(terms: SolveTerms) {
    this.terms = terms
    // Each target of a bake is one of its builds, and listens.
    setMaxListeners(0, this.#abort.signal)
    this.returned = new Promise(resolve => {
      this.#return = resolve
    })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The client has driven it to its end. */
  return(returned: Returned): void {
    this.#return(returned)
  }

  cancel(): void {
    this.#abort.abort(new Canceled())
    this.#return({ error: new Canceled().status })
  }

  /** Does work that has to end before the job does. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work)
    try {
      return await work
    } finally {
      this.#work.delete(work)
    }
  }

  /** Ends all that is left of it: no call of the bridge goes on, and nothing that was made is held. */
  async end(): Promise<void> {
    this.cancel()
    await Promise.allSettled(this.#work)
    for (const solved of this.solved.values()) await solved.end()
    this.solved.clear()
    this.story.end()
  }
}
