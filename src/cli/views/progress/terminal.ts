import { Listr, type ListrRenderer, type ListrTask, Spinner } from 'listr2'
import type { PlannedResource } from '../../../planner/index.ts'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import { Drawing } from './drawing.ts'
import { type FrameLook, renderFrame, renderRow } from './frame.ts'
import { Rows } from './rows.ts'
import type { Screen } from './screen.ts'
import type { ProgressOptions, ProgressView } from './view.ts'

export interface TerminalLook extends Pick<ProgressOptions, 'quietBuild'> {
  readonly color: boolean
  /** Milliseconds, of any beginning. */
  readonly clock: () => number
}

/** Milliseconds between two frames. */
const INTERVAL = 100

/**
 * A table that is drawn over itself, one row a resource: listr2 runs a task for each, which ends when the row is settled, and has us
 * draw. When others want to print, what is settled stays as it is, and the other rows follow one by one, each when it is.
 */
export function terminalProgress(
  screen: Screen,
  resources: readonly PlannedResource[],
  look: TerminalLook,
): ProgressView {
  const table = new Table(screen, new Rows(resources, look), look)
  const list = new Listr(table.tasks(), {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    forceTTY: true,
    renderer: TableRenderer,
    rendererOptions: { table },
  })
  const running = list.run()
  const end = async (): Promise<void> => {
    table.settleAll()
    await running
  }
  return {
    onEvent: event => table.take(event),
    giveWay: () => {
      table.giveWay()
      return end()
    },
    finish: end,
  }
}

/** The part of listr2 that draws: it says when, the table says what. */
class TableRenderer implements ListrRenderer {
  static readonly rendererOptions: Record<PropertyKey, unknown> = {}
  static readonly rendererTaskOptions: Record<PropertyKey, unknown> = {}
  static readonly nonTTY = false
  readonly render: () => void
  readonly end: () => void

  constructor(_tasks: unknown, { table }: { readonly table: Table }) {
    this.render = () => table.start()
    this.end = () => table.end()
  }
}

class Table {
  readonly #screen: Screen
  readonly #rows: Rows
  readonly #look: TerminalLook
  readonly #drawing: Drawing
  readonly #spinner = new Spinner()
  readonly #ends = new Map<string, () => void>()
  #isSettled = false
  #state: 'drawn' | 'giving way' | 'lines' = 'drawn'

  constructor(screen: Screen, rows: Rows, look: TerminalLook) {
    this.#screen = screen
    this.#rows = rows
    this.#look = look
    this.#drawing = new Drawing(screen)
  }

  tasks(): ListrTask[] {
    return this.#rows.all.map(({ name }) => ({
      title: name,
      task: () => this.#ended(name),
    }))
  }

  /** listr2 begins a task when it comes to it: the row may be settled by then, or all be over. */
  #ended(name: string): Promise<void> {
    const isOver = this.#isSettled || this.#rows.named(name)?.ended !== undefined
    return isOver ? Promise.resolve() : new Promise(resolve => this.#ends.set(name, resolve))
  }

  take(event: ProgressEvent): void {
    const settled = this.#rows.take(event, this.#look.clock())
    if (settled !== undefined) this.#ends.get(settled.name)?.()
    if (this.#state !== 'lines') return
    // A wait may last for minutes; who is told nothing takes it for a hang.
    const shown = settled ?? (event.text === 'Waiting' ? this.#rows.named(event.resource) : undefined)
    if (shown !== undefined)
      this.#screen.write(`${renderRow(shown, this.#rows.all, { ...this.#frameLook(), spinner: ' ' })}\n`)
  }

  /** Each start asks for it; the first has it. */
  giveWay(): void {
    if (this.#state === 'drawn') this.#state = 'giving way'
  }

  settleAll(): void {
    this.#isSettled = true
    for (const end of this.#ends.values()) end()
  }

  start(): void {
    this.#spinner.start(() => this.#draw(), INTERVAL)
    this.#draw()
  }

  /**
   * The last frame has every row, however few lines the screen has. Before others' lines only what is settled stays: a count
   * would say for ever that something is left.
   */
  end(): void {
    this.#spinner.stop()
    const { all } = this.#rows
    const look = { ...this.#frameLook(), spinner: ' ' }
    const settled = all.filter(({ ended }) => ended !== undefined)
    const begun = all.some(({ state }) => state !== 'waiting')
    if (this.#state === 'giving way') this.#drawing.leave(settled.map(row => renderRow(row, all, look)))
    else this.#drawing.leave(begun ? renderFrame(all, this.#look.clock(), look) : [])
    this.#state = 'lines'
  }

  #draw(): void {
    const lines = renderFrame(this.#rows.all, this.#look.clock(), {
      ...this.#frameLook(),
      lines: this.#screen.rows - 1,
    })
    this.#drawing.draw(lines)
  }

  #frameLook(): FrameLook {
    return { columns: this.#screen.columns, color: this.#look.color, spinner: this.#spinner.fetch() }
  }
}
