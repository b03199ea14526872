import { randomBytes } from 'node:crypto'
import type { BuildTrace } from '../../diagnostics/build-trace.ts'
import type { BuildEvent } from './event.ts'

/** An object of the stream that `POST /build` answers with, one a line. */
export interface BuildMessage {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  /** Ours: how long a step took, waits for other stages included, or what happens at this moment. */
  readonly tscompose?: { readonly milliseconds: number } | { readonly trace: BuildTrace }
  readonly aux?: { readonly ID: string }
  readonly error?: string
  readonly errorDetail?: { readonly message: string; readonly code?: number }
}

/** The Docker form of an event. */
function buildMessageOf(event: BuildEvent): BuildMessage {
  switch (event.type) {
    case 'step':
      return { stream: `Step ${event.step}/${event.steps} : ${event.text}\n` }
    case 'cached':
      return { stream: ' ---> Using cache\n' }
    case 'output':
      return { stream: event.text }
    case 'status':
      return { status: event.status, ...(event.id === undefined ? {} : { id: event.id }) }
    case 'warning':
      return { stream: `[Warning] ${event.text}\n` }
    case 'stepDone':
      return {
        stream: ` ---> ${shortId(event.id)}\n`,
        tscompose: { milliseconds: event.milliseconds },
      }
    case 'trace':
      return { tscompose: { trace: event.trace } }
    case 'built':
      return { aux: { ID: event.imageId } }
    case 'tagged':
      return { stream: `Successfully tagged ${event.reference}\n` }
  }
}

/**
 * The messages of one build, with the lines in between that clients know from Docker: a RUN whose step was not made before runs
 * in something that is removed.
 */
export class BuildMessages {
  /** Of a RUN that has not been told of yet, or is under way. */
  #run: { readonly id: string; told: boolean } | undefined

  of(event: BuildEvent): BuildMessage[] {
    const message = buildMessageOf(event)
    switch (event.type) {
      case 'step':
        this.#run = /^RUN\b/i.test(event.text)
          ? { id: randomBytes(6).toString('hex'), told: false }
          : undefined
        return [message]
      case 'cached':
        this.#run = undefined
        return [message]
      case 'output':
        return [...this.begin(), message]
      case 'stepDone': {
        const begun = this.begin()
        const ended = this.#run === undefined ? [] : [runLine('Removed intermediate container', this.#run.id)]
        this.#run = undefined
        return [...begun, ...ended, message]
      }
      default:
        return [message]
    }
  }

  /** What is to be said before a RUN's output, or its failure. */
  begin(): BuildMessage[] {
    if (this.#run === undefined || this.#run.told) return []
    this.#run.told = true
    return [runLine('Running in', this.#run.id)]
  }
}

function runLine(words: string, id: string): BuildMessage {
  return { stream: ` ---> ${words} ${id}\n` }
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
