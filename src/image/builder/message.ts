import type { BuildEvent } from './event.ts'
import type { BuildTrace } from './trace.ts'

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
export function buildMessageOf(event: BuildEvent): BuildMessage {
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

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
