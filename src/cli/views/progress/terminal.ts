import { Listr, ListrLogger, type ListrTask, type ListrTaskWrapper, ProcessOutput } from 'listr2'
import type { Resource } from '../../../planner/index.ts'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import { terminalText } from '../terminal-text.ts'
import { DownloadLine } from './download-line.ts'
import { seconds } from './lines.ts'
import type { ProgressOptions, ProgressView } from './view.ts'

// biome-ignore lint/suspicious/noExplicitAny: listr2's own type parameter for "whatever renderer is used"
type Wrapper = ListrTaskWrapper<undefined, any, any>

/** One resource's line: what is left of its operations, and how its listr2 task is settled. */
interface Row {
  left: number
  readonly started: number
  readonly download: DownloadLine
  task?: Wrapper
  readonly settled: Promise<void>
  readonly settle: (error?: Error) => void
}

/** listr2 on a terminal: one line a resource with its state and time, settled when its last operation ended. */
export function terminalProgress(
  stream: NodeJS.WriteStream,
  resources: readonly Resource[],
  options: Pick<ProgressOptions, 'quietBuild'>,
): Omit<ProgressView, 'giveWay'> {
  const rows = makeRows(resources)
  const tasks = [...rows].map(
    ([name, row]): ListrTask => ({
      title: name,
      task: (_context, task) => {
        row.task = task
        return row.settled
      },
    }),
  )
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    forceTTY: true,
    rendererOptions: {
      logger: new ListrLogger({ processOutput: new ProcessOutput(stream, stream) }),
      collapseErrors: false,
      showErrorMessage: false,
    },
  })
  const running = list.run()
  return {
    onEvent: event => show(rows, event, options),
    finish: async () => {
      for (const row of rows.values()) row.settle()
      await running
    },
  }
}

function makeRows(resources: readonly Resource[]): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const { kind, name } of resources) {
    const title = `${kind[0]?.toUpperCase()}${kind.slice(1)} ${name}`
    const row = rows.get(title)
    if (row) row.left += 1
    else rows.set(title, newRow())
  }
  return rows
}

function newRow(): Row {
  const { promise, resolve, reject } = withResolvers()
  const settle = (error?: Error): void => (error ? reject(error) : resolve())
  return { left: 1, started: performance.now(), download: new DownloadLine(), settled: promise, settle }
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

function show(
  rows: ReadonlyMap<string, Row>,
  event: ProgressEvent,
  options: Pick<ProgressOptions, 'quietBuild'>,
): void {
  const row = rows.get(event.resource)
  if (row === undefined) return
  const time = seconds(performance.now() - row.started)
  if (row.task) {
    row.task.title = `${event.resource.padEnd(width(rows))}  ${event.text}  ${time}`
    if (event.detail !== undefined && !(options.quietBuild && event.kind === 'Image'))
      row.task.output = row.download.after(event, performance.now()) ?? terminalText(event.detail.trimEnd())
  }
  if (event.status === 'error') row.settle(event.failure ?? new Error(event.text))
  if (event.status === 'done' || event.status === 'warning') {
    row.left -= 1
    if (row.left === 0) row.settle()
  }
}

function width(rows: ReadonlyMap<string, Row>): number {
  return Math.max(...[...rows.keys()].map(name => name.length))
}
