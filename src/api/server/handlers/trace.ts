import { spans } from '../../../diagnostics/index.ts'
import type { Handlers } from '../handler.ts'

/** Ours: what this process does is recorded from one call to the other. */
export function traceHandlers(): Handlers<'traceBegin' | 'traceEnd'> {
  return {
    traceBegin: async () => {
      spans.record(performance)
      return undefined
    },
    traceEnd: async ({ query: { since = 0 } }) => ({ Pid: process.pid, Spans: spans.take(since) }),
  }
}
