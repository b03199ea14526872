import { availableParallelism } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Failure } from '../../diagnostics/index.ts'
import type { Native, Op, SetupOp } from '../../native/index.ts'
import type { KernelLooks } from '../state/context.ts'

type Outputs = readonly Buffer[] | undefined

interface Asked {
  readonly ops: readonly SetupOp[]
  readonly answer: Promise<Outputs>
  readonly tell: (outputs: Outputs) => void
}

/**
 * Looks at the kernel that are asked for in one moment, of a hundred containers say, become one program of the native binary: a process costs more
 * than all that it asks.
 */
export class Looks implements KernelLooks {
  readonly #native: Pick<Native, 'run'>
  readonly #processors: number
  /** By their operations: those of the host are asked for once. */
  #asked = new Map<readonly SetupOp[], Asked>()
  /** How many may still begin in this turn, and who waits for one of the next. */
  #room = AT_ONCE
  readonly #waiting: (() => void)[] = []
  /** Of those who come before the kernel is looked at next: nobody is told what was seen before he has come. */
  #round = this.#newRound()

  constructor(native: Pick<Native, 'run'>, processors: number = availableParallelism()) {
    this.#native = native
    this.#processors = processors
  }

  /** What operations gave that list something, in their order; undefined where one of them failed: a process that has ended meanwhile, say. */
  ask(ops: readonly SetupOp[]): Promise<Outputs> {
    // Who looks at networks and at containers asks for these one turn later.
    if (this.#asked.size === 0) setImmediate(() => setImmediate(() => void this.#look()))
    const known = this.#asked.get(ops)
    if (known !== undefined) return known.answer
    let tell: Asked['tell'] = () => undefined
    const answer = new Promise<Outputs>(resolve => {
      tell = resolve
    })
    this.#asked.set(ops, { ops, answer, tell })
    return answer
  }

  async turn(): Promise<Pick<KernelLooks, 'ask'>> {
    const round = this.#round
    if (this.#room === 0) await new Promise<void>(resolve => void this.#waiting.push(resolve))
    else if (this.#room === AT_ONCE) this.#open()
    this.#room -= 1
    return round
  }

  async handedOver(): Promise<void> {
    do await nextTurn()
    while (this.#asked.size > 0 || this.#waiting.length > 0)
  }

  /** Lets the next ones begin when those of now have asked, and the program has been handed over: that takes a look at sockets. */
  #open(): void {
    const next = (): void => {
      this.#room = AT_ONCE
      if (this.#waiting.length > 0) this.#open()
      for (const begin of this.#waiting.splice(0, AT_ONCE)) begin()
    }
    setImmediate(() => setImmediate(() => setImmediate(next)))
  }

  #newRound(): Pick<KernelLooks, 'ask'> {
    const known = new Map<readonly SetupOp[], Promise<Outputs>>()
    return {
      ask: ops => {
        const answer = known.get(ops) ?? this.ask(ops)
        known.set(ops, answer)
        return answer
      },
    }
  }

  async #look(): Promise<void> {
    const all = [...this.#asked.values()]
    this.#asked = new Map()
    this.#round = this.#newRound()
    // A look waits for the kernel alone, and many of them for as many processors as there are.
    const parts = Math.max(
      Math.ceil(all.length / MOST),
      Math.min(this.#processors, Math.floor(all.length / WORTH)),
      1,
    )
    const size = Math.ceil(all.length / parts)
    await Promise.all(
      Array.from({ length: parts }, (_value, at) => this.#part(all.slice(at * size, (at + 1) * size))),
    )
  }

  async #part(all: readonly Asked[]): Promise<void> {
    if (await this.#run(all)) return
    // Whose it was is not asked: each is tried by itself.
    for (const each of all) if (all.length === 1 || !(await this.#run([each], true))) each.tell(undefined)
  }

  async #run(all: readonly Asked[], isAgain = false): Promise<boolean> {
    try {
      const { results } = await this.#native.run({ setup: all.flatMap(({ ops }) => ops) })
      let first = 0
      for (const { ops, tell } of all) {
        const outputs = ops.flatMap((op, at) => {
          if (!givesOutput(op)) return []
          // The kernel has told of a change the first time.
          return isAgain && op.op === 'askMounts' ? [UNKNOWN] : [results.get(first + at)]
        })
        tell(outputs.every(each => each !== undefined) ? outputs : undefined)
        first += ops.length
      }
      return true
    } catch (error) {
      if (error instanceof Failure) return false
      for (const { tell } of all) tell(undefined)
      throw error
    }
  }
}

/** Lists of one program, which has room for a thousand, and how many are worth a process of their own: that takes as long as three of them. */
const MOST = 300
const WORTH = 32

/** Who may ask in one turn: what they ask takes the native program about as long as it takes this thread to put together, and to understand, that of as many. */
const AT_ONCE = 50

const UNKNOWN = Buffer.alloc(0)

const GIVING: readonly Op['op'][] = [
  'netlinkDump',
  'readSysctls',
  'readFiles',
  'statFiles',
  'statInside',
  'findChild',
  'askMounts',
]

function givesOutput({ op }: Op): boolean {
  return GIVING.includes(op)
}
