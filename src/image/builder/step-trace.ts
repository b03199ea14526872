import { randomUUID } from 'node:crypto'
import { messageOf } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import type { BuildEvent } from './event.ts'
import type { BuildTrace, TraceVertex } from './trace.ts'

/** Instructions that do something; the others only describe the image. */
const WORKS = /^(?:FROM|RUN|COPY|ADD|WORKDIR)\b/i

/** A stage as it is told of. */
export interface TracedStage {
  readonly name: string
  /** Its FROM and its instructions, as they are written. */
  readonly texts: readonly string[]
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
  async during<T>(name: string, work: (say: (line: string) => void) => Promise<T>): Promise<T> {
    const vertex = this.#begin(name, this.#last === undefined ? [] : [this.#last])
    const say = (line: string): void => this.#status(vertex, line)
    try {
      const result = await work(say)
      this.#tell({ vertexes: [{ ...vertex, completed: now() }] })
      return result
    } catch (error) {
      this.#tell({ vertexes: [{ ...vertex, completed: now(), error: messageOf(error) }] })
      throw error
    }
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
        this.#tell({
          warnings: [
            {
              vertex: vertex.digest,
              level: 1,
              short: Buffer.from(event.text).toString('base64'),
              detail: null,
            },
          ],
        })
        return vertex
      default:
        return vertex
    }
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
