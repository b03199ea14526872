import type { ProgressEvent } from '../../../project/run-plan.ts'

/** A layer on its way. */
interface Download {
  readonly begun: number
  /** What was there when it was first heard of. */
  readonly first: number
  readonly text: string
}

/** The layers of one image on one line, each with its bytes and its speed since it began. */
export class DownloadLine {
  readonly #downloads = new Map<string, Download>()

  /** The line after an event of a layer; undefined for any other event. `now` in milliseconds. */
  after({ detail = '', current, total }: ProgressEvent, now: number): string | undefined {
    const [, id, status = ''] = /^([0-9a-f]{12}) (.+)$/.exec(detail) ?? []
    if (id === undefined) return undefined
    if (current === undefined || total === undefined) this.#downloads.delete(id)
    else {
      const { begun, first } = this.#downloads.get(id) ?? { begun: now, first: current }
      const rate = now > begun ? `  ${bytes(((current - first) * 1000) / (now - begun))}/s` : ''
      this.#downloads.set(id, { begun, first, text: `${id} ${bytes(current)}/${bytes(total)}${rate}` })
    }
    if (this.#downloads.size === 0) return `${id} ${status}`
    return [...this.#downloads.values()].map(({ text }) => text).join('   ')
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** As Docker writes sizes: powers of 1000. */
function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)))
  const value = count / 1000 ** power
  return `${power > 0 && value < 100 ? value.toFixed(1) : Math.round(value)}${UNITS[power]}`
}
