// Starts of every kind with a fault in the native program: what came of each, and what it left.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { linksOf } from '../harness/inventory.ts'
import { leaksSince, processesNow, type Stock, takeStock } from '../harness/leaks.ts'
import { type Call, type Fault, Injector, type Position } from './injector.ts'
import type { Scenario } from './scenarios.ts'

/** What came of a start with a fault. */
export interface Outcome {
  /** Undefined: the start had ended before it came to the fault. */
  readonly fault: Call | undefined
  /** Names of the calls of that process up to the fault. */
  readonly way: readonly string[]
  /** Whether the payload ran. */
  readonly ran: boolean
  /** Why the start failed, as its caller was told; undefined: it did not. */
  readonly error: Error | undefined
  /** What was there before the start is not counted. */
  readonly leaks: readonly string[]
}

/** An engine whose native program can be made to fail, with an image. */
export class FaultLab {
  readonly lab: EngineLab = new EngineLab()
  readonly #injector = new Injector()
  /** Processes that a run left behind, by what it was. */
  readonly #late = new Map<string, string>()
  #before: Stock = []
  /** Processes of before the first scenario. */
  #others: ReadonlySet<string> = new Set()

  async open(): Promise<void> {
    this.#others = processesNow()
    await this.lab.open(this.#injector.native)
    await this.lab.buildImage()
  }

  /** Prepares a scenario, and runs it once without a fault: the calls that it makes before its payload. */
  async begin(scenario: Scenario): Promise<readonly Call[]> {
    await scenario.prepare?.(this.lab)
    // The first one makes what stays for all others.
    await this.#attempt(scenario)
    this.#before = takeStock(this.lab, this.#others)
    this.#injector.arm(scenario.mode)
    const error = await this.#attempt(scenario)
    if (error !== undefined) throw error
    const { calls } = this.#injector.report()
    this.#injector.disarm()
    return calls
  }

  /** Runs a scenario with a fault. */
  async run(scenario: Scenario, position: Position, fault: Fault): Promise<Outcome> {
    const marker = join(this.lab.folder, 'data', 'ran')
    rmSync(marker, { force: true })
    this.#injector.arm(scenario.mode, position, fault)
    let error: Error | undefined
    try {
      error = await this.#attempt(scenario)
    } finally {
      this.#injector.disarm()
    }
    const ran = existsSync(marker)
    const leaks = await this.#leaksOf(`${scenario.name}, ${position.process} ${position.call} ${fault}`)
    const { fault: met, calls } = this.#injector.report()
    const own = calls.filter(({ process, call }) => process === met?.process && call <= met.call)
    return { fault: met, way: own.map(call => call.name), ran, error, leaks }
  }

  /** Processes of earlier runs that have not ended by themselves: a monitor that nobody speaks to takes half a minute. */
  async lingering(): Promise<string[]> {
    const lingering = (): string[] =>
      [...this.#late]
        .filter(([line]) => takeStock(this.lab, this.#others).includes(line))
        .map(each => each.join(': '))
    await eventually('all have ended', () => lingering().length === 0, 90_000).catch(() => undefined)
    return lingering()
  }

  async close(): Promise<void> {
    await this.lab.close()
    this.#injector.close()
  }

  /** What is left when a moment has passed: some things end just now. Processes may end later, and are looked at again. */
  async #leaksOf(run: string): Promise<string[]> {
    let all: string[] = []
    const look = (): boolean => {
      all = leaksSince(this.#before, takeStock(this.lab, this.#others)).filter(line => !this.#late.has(line))
      return all.length === 0
    }
    await eventually('nothing is left', look, 3000).catch(() => undefined)
    const isLate = (line: string): boolean => line.startsWith('process ')
    if (!all.every(isLate))
      await eventually('processes are left at most', () => look() || all.every(isLate)).catch(() => undefined)
    for (const line of all.filter(isLate)) this.#late.set(line, run)
    return all.filter(line => !this.#late.has(line))
  }

  async #attempt(scenario: Scenario): Promise<Error | undefined> {
    try {
      await scenario.attempt(this.lab)
      return undefined
    } catch (error) {
      if (error instanceof Error) return error
      throw error
    } finally {
      // Their names are in its record, which goes.
      linksOf(join(this.lab.folder, 'root'), join(this.lab.folder, 'run'))
      await scenario.clear?.(this.lab)
    }
  }
}
