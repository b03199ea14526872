import { stripVTControlCharacters } from 'node:util'
import { terminalText } from '../../../diagnostics/index.ts'
import type { ProgressEvent } from '../../../project/run-plan.ts'

/** A step on the board. Times are milliseconds since 1970. */
interface Step {
  readonly name: string
  started: number
  completed: number | undefined
  cached: boolean
  error: boolean
  /** Its last lines, the last one perhaps not ended. */
  readonly output: string[]
}

/** Lines of a running command that are seen. */
const SHOWN_OUTPUT = 6

/** All builds of a command as they stand: told by their events, drawn as lines. */
export class BuildBoard {
  readonly #steps = new Map<string, Step>()
  /** Resources whose steps are told one by one. */
  readonly #traced = new Set<string>()
  readonly #begun: number
  #ended = false

  constructor(now: number) {
    this.#begun = now
  }

  hear(event: ProgressEvent, now: number): void {
    if (event.trace === undefined) this.#hearWhole(event, now)
    else this.#hearTrace(event, event.trace)
  }

  /** Nothing follows. */
  end(): void {
    this.#ended = true
  }

  /** The lines of the board, none wider than `width`; of a board higher than `height` the oldest steps that have ended are left out. */
  lines(
    now: number,
    { width, height }: { readonly width: number; readonly height: number },
  ): readonly string[] {
    const steps = [...this.#steps.values()]
    const done = steps.filter(({ completed }) => completed !== undefined).length
    const time = seconds(now - this.#begun)
    const head = `[+] Building ${time} (${done}/${steps.length})${this.#ended ? ' FINISHED' : ''}`
    const blocks = steps.map(step => ({ step, lines: linesOf(step, now, width) }))
    let room = height - 1 - blocks.reduce((total, { lines }) => total + lines.length, 0)
    const shown = blocks.filter(({ step, lines }) => {
      if (room >= 0 || step.completed === undefined) return true
      room += lines.length
      return false
    })
    return [head, ...shown.flatMap(({ lines }) => lines)].map(line => line.slice(0, width))
  }

  /** A build whose engine tells lines alone is one step. */
  #hearWhole(event: ProgressEvent, now: number): void {
    if (this.#traced.has(event.resource)) return
    const step = this.#steps.get(event.resource) ?? newStep(event.resource, now)
    this.#steps.set(event.resource, step)
    if (event.detail !== undefined && event.status === 'working') write(step, `${event.detail}\n`)
    if (event.status === 'working') return
    step.completed = now
    step.error = event.status === 'error'
  }

  #hearTrace({ resource }: ProgressEvent, trace: NonNullable<ProgressEvent['trace']>): void {
    this.#traced.add(resource)
    this.#steps.delete(resource)
    for (const { digest, name, started, completed, cached = false, error } of trace.vertexes ?? []) {
      const step = this.#steps.get(digest) ?? newStep(name, Date.parse(started))
      this.#steps.set(digest, step)
      step.completed = completed === undefined ? undefined : Date.parse(completed)
      step.cached = cached
      step.error = error !== undefined
    }
    for (const { vertex, data } of trace.logs ?? [])
      write(this.#steps.get(vertex), Buffer.from(data, 'base64').toString('utf8'))
    for (const { vertex, id } of trace.statuses ?? []) write(this.#steps.get(vertex), `${id}\n`)
    for (const { vertex, short } of trace.warnings ?? [])
      write(this.#steps.get(vertex), `WARN: ${Buffer.from(short, 'base64').toString('utf8')}\n`)
  }
}

function newStep(name: string, started: number): Step {
  const [line = ''] = name.split('\n')
  return {
    name: terminalText(line),
    started,
    completed: undefined,
    cached: false,
    error: false,
    output: [''],
  }
}

/** What a bar draws over and over is seen as it is last. */
function write(step: Step | undefined, text: string): void {
  if (step === undefined) return
  const [first = '', ...others] = stripVTControlCharacters(text).split('\n')
  step.output.push(`${step.output.pop() ?? ''}${first}`, ...others)
  step.output.splice(0, step.output.length - SHOWN_OUTPUT - 1)
}

function linesOf(step: Step, now: number, width: number): readonly string[] {
  const { name, started, completed, cached, error, output } = step
  const time = seconds((completed ?? now) - started)
  const word = error ? 'ERROR ' : cached ? 'CACHED ' : ''
  const room = Math.max(0, width - time.length - 1)
  const line = `${` => ${word}${name}`.slice(0, room).padEnd(room)} ${time}`
  if (completed !== undefined) return [line]
  const lines = output
    .map(each => each.slice(each.trimEnd().lastIndexOf('\r') + 1).trimEnd())
    .filter(each => each !== '')
  return [line, ...lines.slice(-SHOWN_OUTPUT).map(each => ` => => # ${terminalText(each)}`)]
}

function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`
}
