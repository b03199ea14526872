import type { BuildTrace } from '../../diagnostics/build-trace.ts'

/**
 * Progress of a build. `step` counts from 1 over all steps of the stages that the target needs.
 * `dockerMessage` (build/message.ts) gives an event's form in the stream of `POST /build`.
 */
export type BuildEvent =
  | { readonly type: 'step'; readonly step: number; readonly steps: number; readonly text: string }
  | { readonly type: 'cached'; readonly step: number }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** A status line of FROM's image being fetched or made. */
  | { readonly type: 'status'; readonly status: string; readonly id?: string }
  | { readonly type: 'warning'; readonly code: string; readonly text: string }
  /** The id of what a step made, as `docker build` prints it. */
  | { readonly type: 'stepDone'; readonly step: number; readonly id: string; readonly milliseconds: number }
  /** What happens at this moment, also in stages that wait for their turn to be told of; only where it is asked for. */
  | { readonly type: 'trace'; readonly trace: BuildTrace }
  | { readonly type: 'built'; readonly imageId: string }
  | { readonly type: 'tagged'; readonly reference: string }
