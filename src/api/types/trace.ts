import type { Span } from '../../diagnostics/index.ts'

/** Ours: what the engine's process did, as `DELETE /tscompose/trace` answers. */
export interface TraceAnswer {
  readonly Pid: number
  readonly Spans: readonly Span[]
}
