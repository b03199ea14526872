import { failure } from '../diagnostics/index.ts'
import { parseMoment } from '../notation/index.ts'

/** The moment of an option: RFC 3339, unix seconds, or how long ago (`42m`, `1h30m`); as unix seconds. Errors: FLAG_VALUE. */
export function readMoment(option: string, text: string): number {
  const milliseconds = parseMoment(text, Date.now())
  if (milliseconds !== undefined) return milliseconds / 1000
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `${option}: got "${text}", want a time such as 2026-01-02T13:23:37Z or 42m`,
  })
}
