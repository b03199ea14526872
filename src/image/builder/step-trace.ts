import { randomUUID } from 'node:crypto'
import type { BuildTrace, TraceVertex } from '../../diagnostics/build-trace.ts'
import { messageOf } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import type { BuildEvent } from './event.ts'

/** Instructions that do something; the others only describe the image. */
const WORKS = /^(?:FROM|RUN|COPY|ADD|WORKDIR)\b/i

/** A stage as it is told of. */
export interface TracedStage {
  readonly name: string
  /** Its FROM and its instructions, as they are written. */
  readonly texts: readonly string[]
}

type Place = NonNullable<NonNullable<BuildTrace['warnings']>[number]['place']>

interface Warning {
  readonly text: string
  readonly place?: Place
}

/** What a piece of work tells of itself. */
export interface Words {
  readonly say: (line: string) => void
  /** So many bytes more of what is called so have come. */
  readonly transferred: (id: string, bytes: number) => void
  readonly warn: (warning: Warning) => void
}

/** What stages do at each moment, side by side as they run, in the form of BuildKit's clients. */
export class StepTrace {
  readonly #tell: (trace: BuildTrace) => void
  /** Two builds of the same file are told together. */
  readonly #build = randomUUID()
  #last: string | undefined

  constructor(tell: (trace: BuildTrace) => void) {
    this.#tell = tell
  }

  /** Who hears the events of one stage, and whether it failed; `isOnly`: there is no other. */
  stage(stage: TracedStage, isOnly: boolean): { hear(event: BuildEvent): void; fail(error: unknown): void } {
    const total = stage.texts.filter(text => WORKS.test(text)).length
    let done = 0
    let vertex: TraceVertex | undefined
    const begin = (text: string): void => {
      if (!WORKS.test(text)) return
      done += 1
      const place = isOnly ? `${done}/${total}` : `${stage.name} ${done}/${total}`
      const inputs = vertex === undefined ? [] : [vertex.digest]
      vertex = this.#begin(`[${place}] ${text}`, inputs)
    }
    const end = (more: Partial<TraceVertex>): void => {
      if (vertex === undefined || vertex.completed !== undefined) return
      vertex = { ...vertex, ...more, completed: now() }
      this.#tell({ vertexes: [vertex] })
    }
    return {
      hear: event => {
        if (event.type === 'step') begin(event.text)
        else if (event.type === 'stepDone') end({})
        else if (vertex !== undefined && vertex.completed === undefined) vertex = this.#during(vertex, event)
      },
      fail: error => end({ error: messageOf(error) }),
    }
  }

  /** Tells of a piece of work that is no step. */
  async during<T>(name: string, work: (words: Words) => Promise<T>): Promise<T> {
    const vertex = this.#begin(name, this.#last === undefined ? [] : [this.#last])
    const transfers = new Map<string, { readonly started: string; bytes: number }>()
    const transferred = (id: string, bytes: number, isLast: boolean): void => {
      const known = transfers.get(id) ?? { started: now(), bytes: 0 }
      known.bytes += bytes
      transfers.set(id, known)
      const { started, bytes: current } = known
      const [timestamp] = [now()]
      const ended = isLast ? { completed: timestamp } : {}
      this.#tell({ statuses: [{ id, vertex: vertex.digest, current, timestamp, started, ...ended }] })
    }
    const end = (more: Partial<TraceVertex>): void => {
      // Clients show the end of no work in which something goes on.
      for (const id of transfers.keys()) transferred(id, 0, true)
      this.#tell({ vertexes: [{ ...vertex, ...more, completed: now() }] })
    }
    try {
      const result = await work({
        say: line => this.#status(vertex, line),
        transferred: (id, bytes) => transferred(id, bytes, false),
        warn: warning => this.#warn(vertex.digest, warning),
      })
      end({})
      return result
    } catch (error) {
      end({ error: messageOf(error) })
      throw error
    }
  }

  /** Warns of something in what was done last. */
  warn(warning: Warning): void {
    if (this.#last !== undefined) this.#warn(this.#last, warning)
  }

  #begin(name: string, inputs: readonly string[]): TraceVertex {
    const digest = digestOf(`${this.#build} ${name} ${inputs.join(' ')}`)
    const vertex = { digest, inputs, name, started: now() }
    this.#last = digest
    this.#tell({ vertexes: [vertex] })
    return vertex
  }

  #during(vertex: TraceVertex, event: BuildEvent): TraceVertex {
    switch (event.type) {
      case 'cached':
        return { ...vertex, cached: true }
      case 'output': {
        const stream = event.stream === 'stdout' ? 1 : 2
        const data = Buffer.from(event.text).toString('base64')
        this.#tell({ logs: [{ vertex: vertex.digest, stream, data, timestamp: now() }] })
        return vertex
      }
      case 'status':
        this.#status(vertex, [event.id, event.status].filter(part => part !== undefined).join(' '))
        return vertex
      case 'warning':
        this.#warn(vertex.digest, event)
        return vertex
      default:
        return vertex
    }
  }

  #warn(digest: string, { text, place }: Warning): void {
    const short = Buffer.from(text).toString('base64')
    const where = place === undefined ? {} : { place }
    this.#tell({ warnings: [{ vertex: digest, level: 1, short, detail: null, ...where }] })
  }

  #status({ digest }: TraceVertex, line: string): void {
    const [timestamp] = [now()]
    this.#tell({
      statuses: [
        { id: line, vertex: digest, current: 0, timestamp, started: timestamp, completed: timestamp },
      ],
    })
  }
}

function now(): string {
  return new Date().toISOString()
}
