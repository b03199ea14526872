import { terminalText } from '../../../diagnostics/index.ts'
import type { PlannedResource } from '../../../planner/index.ts'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import { DownloadLine } from './download-line.ts'
import type { ProgressOptions } from './view.ts'

/** What one resource is shown with. Times are of the clock that the events are told with, in milliseconds. */
export interface Row {
  /** `Container shop-web-1`. */
  readonly name: string
  readonly state: 'waiting' | 'working' | 'done' | 'warning' | 'error'
  /** Docker's word for what is done with it: `Creating`, `Created`. */
  readonly text: string
  readonly detail?: string
  readonly begun: number
  /** When its last operation ended. */
  readonly ended?: number
}

interface Entry {
  row: Row
  /** Operations that have not ended. */
  left: number
  readonly download: DownloadLine
}

/** The rows of a plan's resources, in its order, as events change them. */
export class Rows {
  readonly #entries = new Map<string, Entry>()
  readonly #quietBuild: boolean

  /** `resources`: one for each end that will be told of it, so that a row is settled by the last. */
  constructor(resources: readonly PlannedResource[], { quietBuild }: Pick<ProgressOptions, 'quietBuild'>) {
    this.#quietBuild = quietBuild
    for (const { kind, name } of resources) {
      const title = `${kind[0]?.toUpperCase()}${kind.slice(1)} ${name}`
      const entry = this.#entries.get(title)
      const row: Row = { name: title, state: 'waiting', text: '', begun: 0 }
      if (entry) entry.left += 1
      else this.#entries.set(title, { row, left: 1, download: new DownloadLine() })
    }
  }

  get all(): readonly Row[] {
    return [...this.#entries.values()].map(({ row }) => row)
  }

  /** The row of `Container shop-web-1`, if it is one of these. */
  named(resource: string): Row | undefined {
    return this.#entries.get(resource)?.row
  }

  /** Takes an event in; returns the row that it settled, if it did. An event of no row of these is left alone. */
  take(event: ProgressEvent, now: number): Row | undefined {
    const entry = this.#entries.get(event.resource)
    if (entry === undefined) return undefined
    const { row, download } = entry
    const begun = row.state === 'waiting' ? now : row.begun
    const detail = this.#detailOf(event, download, now)
    const shown = { name: row.name, text: event.text, begun, ...(detail === undefined ? {} : { detail }) }
    if (event.status !== 'working') entry.left -= 1
    const isSettled = event.status === 'error' || (event.status !== 'working' && entry.left <= 0)
    // What went wrong stays, whatever else is told of the resource.
    const state = row.state === 'error' || row.state === 'warning' ? row.state : event.status
    entry.row = isSettled ? { ...shown, state, ended: now } : { ...shown, state: 'working' }
    return isSettled ? entry.row : undefined
  }

  #detailOf(event: ProgressEvent, download: DownloadLine, now: number): string | undefined {
    if (event.detail === undefined || (this.#quietBuild && event.kind === 'Image')) return undefined
    return download.after(event, now) ?? terminalText(event.detail.trimEnd())
  }
}
