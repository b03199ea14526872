import type { CommandContext, Streams } from '../../command.ts'
import type { Signals } from '../../signals.ts'
import { type BottomLine, bottomLine } from './bottom-line.ts'

/** What a key does. */
export interface MenuKey {
  /** A letter. */
  readonly key: string
  /** Asked whenever the menu is drawn: a key may change its meaning. */
  readonly label: () => string
  readonly press: () => void | Promise<void>
}

const CTRL_C = '\x03'
const CTRL_Z = '\x1a'

/**
 * The keys of an attached `up`, one line below the logs. While it is open the terminal gives single keys: what Ctrl-C and Ctrl-Z are to
 * any program, they are here by signals of our own. However the process ends, the terminal is as it was.
 */
export class Menu {
  readonly #streams: Streams
  readonly #signals: Signals
  readonly #line: BottomLine
  #keys: readonly MenuKey[] = []
  #isOpen = false

  constructor({ streams, signals }: Pick<CommandContext, 'streams' | 'signals'>) {
    this.#streams = streams
    this.#signals = signals
    this.#line = bottomLine(streams)
  }

  /** What is to be written to as long as the menu may be open. */
  get streams(): Streams {
    return this.#line.streams
  }

  open(keys: readonly MenuKey[]): void {
    this.#keys = keys
    this.#isOpen = true
    const { stdin, stdout } = this.#streams
    stdin.setRawMode(true)
    stdin.on('data', this.#onData).resume()
    stdout.on('resize', this.draw)
    this.#signals.on('SIGCONT', this.#onContinue)
    process.once('exit', this.close)
    this.draw()
  }

  /** Takes the line away and gives the terminal back; a menu that is closed stays so. */
  readonly close = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { stdin, stdout } = this.#streams
    this.#line.show('')
    stdin.off('data', this.#onData).pause()
    stdin.setRawMode(false)
    stdout.off('resize', this.draw)
    this.#signals.off('SIGCONT', this.#onContinue)
    process.off('exit', this.close)
  }

  /** Draws the line as it is now. */
  readonly draw = (): void => {
    if (this.#isOpen) this.#line.show(menuText(this.#keys, this.#streams.stdout.columns))
  }

  readonly #onData = (bytes: Buffer): void => {
    for (const pressed of bytes.toString('latin1')) this.#take(pressed)
  }

  #take(pressed: string): void {
    if (pressed === CTRL_C) this.#signals.raise('SIGINT')
    else if (pressed === CTRL_Z) this.#suspend()
    else if (pressed === '\r') this.streams.stdout.write('\n')
    else {
      const found = this.#keys.find(({ key }) => key === pressed)
      void Promise.resolve(found?.press()).then(this.draw)
    }
  }

  #suspend(): void {
    this.#line.show('')
    this.#streams.stdin.setRawMode(false)
    this.#signals.raise('SIGTSTP')
  }

  readonly #onContinue = (): void => {
    this.#streams.stdin.setRawMode(true)
    this.draw()
  }
}

/** `w Enable Watch   d Detach`, the keys in bold, cut to what a row of the terminal has room for. */
export function menuText(keys: readonly Pick<MenuKey, 'key' | 'label'>[], columns: number): string {
  let room = columns - 1
  const parts: string[] = []
  for (const { key, label } of keys) {
    const words = `${key} ${label()}`
    const gap = parts.length === 0 ? 0 : GAP.length
    if (words.length + gap > room) break
    room -= words.length + gap
    parts.push(`\x1b[1m${key}\x1b[0m\x1b[2m ${label()}\x1b[0m`)
  }
  return parts.join(GAP)
}

const GAP = '   '
