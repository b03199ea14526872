import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceInspect, TaskInspect } from '../../../api/types/index.ts'
import { STACK_LABEL } from '../convert/names.ts'
import type { SwarmEngine } from './engine.ts'

/** What all services of a stack are doing, at one moment. */
export interface Look {
  readonly services: readonly ServiceInspect[]
  readonly tasks: readonly TaskInspect[]
}

/** Milliseconds between two looks, the first of them and the longest. */
const SHORTEST = 200
const LONGEST = 1_000

/**
 * Looks at a stack again and again for all who wait for one of its services: two calls a look, however many services wait. Ends by
 * itself when nobody waits.
 */
export class TaskWatch {
  readonly #engine: SwarmEngine
  readonly #filters: { readonly label: readonly string[] }
  readonly #signal: AbortSignal | undefined
  #next: Promise<Look> | undefined
  #pause = SHORTEST

  constructor(engine: SwarmEngine, stack: string, signal?: AbortSignal) {
    this.#engine = engine
    this.#filters = { label: [`${STACK_LABEL}=${stack}`] }
    this.#signal = signal
  }

  /** The next look, which all share who ask before it. */
  next(): Promise<Look> {
    this.#next ??= this.#look().finally(() => {
      this.#next = undefined
    })
    return this.#next
  }

  async #look(): Promise<Look> {
    await delay(this.#pause, undefined, this.#signal === undefined ? {} : { signal: this.#signal })
    this.#pause = Math.min(this.#pause * 1.3, LONGEST)
    const filters = this.#filters
    const [services, tasks] = await Promise.all([
      this.#engine.listServices({ filters, status: true }),
      this.#engine.listTasks({ filters }),
    ])
    return { services, tasks }
  }
}
