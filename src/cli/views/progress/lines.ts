import { terminalText } from '../../../diagnostics/index.ts'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import type { ProgressOptions, ProgressView } from './view.ts'

interface Sink {
  write(text: string): unknown
}

/** One line an event, as it happens: for pipes, files and CI. */
export function plainProgress(sink: Sink, options: Pick<ProgressOptions, 'quietBuild'>): ProgressView {
  const counted = new Set<string>()
  return {
    onEvent: event => {
      const line = plainLine(event, options)
      if (line === undefined) return
      // How many bytes of a layer have come is for those who watch: here it is said once that they come.
      if (event.current !== undefined) {
        if (counted.has(line)) return
        counted.add(line)
      }
      sink.write(`${line}\n`)
    },
    giveWay: async () => undefined,
    finish: async () => undefined,
  }
}

function plainLine(event: ProgressEvent, options: Pick<ProgressOptions, 'quietBuild'>): string | undefined {
  const detail = event.detail === undefined ? undefined : terminalText(event.detail.trimEnd())
  if (event.kind === 'Image' && event.status === 'working' && detail !== undefined)
    return options.quietBuild || detail === '' ? undefined : ` ${event.name} | ${detail}`
  const elapsed = event.status === 'done' && event.elapsed !== undefined ? `  ${seconds(event.elapsed)}` : ''
  return ` ${event.resource}  ${event.text}${elapsed}${detail ? `  ${detail}` : ''}`
}

/** One JSON object a line, with Compose's field names. */
export function jsonProgress(sink: Sink): ProgressView {
  const status = { working: 'Working', done: 'Done', warning: 'Warning', error: 'Error' } as const
  return {
    onEvent: event => {
      const { current, total, detail } = event
      const percent = current === undefined || !total ? undefined : Math.floor((100 * current) / total)
      sink.write(
        `${JSON.stringify({ id: event.resource, status: status[event.status], text: event.text, details: detail, current, total, percent })}\n`,
      )
    },
    giveWay: async () => undefined,
    finish: async () => undefined,
  }
}

/** `0.4s`: a tenth of a second is what people can compare. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`
}
