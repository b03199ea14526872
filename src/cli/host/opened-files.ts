import fs from 'node:fs'
import { OwnFiles } from './own-files.ts'

type Call = (...words: unknown[]) => unknown
type Calls = Record<string, unknown>

/** Calls of Node that open what their first word names. */
const OPENING: readonly string[] = ['open', 'readFile', 'writeFile', 'appendFile', 'copyFile']
const STREAMS: readonly string[] = ['createReadStream', 'createWriteStream']

/** Those that find out what is at a path, mostly for one of the others. */
const LOOKING: readonly string[] = ['stat', 'access', 'realpath']

/** Hears of a path that is not for this process to open; what it throws is what the call throws. */
type Listener = (path: string) => void

/**
 * Asks, before code of this thread opens a file, whether that is a file of the process whose command it runs: a path may stand anywhere,
 * in a Compose file, in a file that one names, behind a link, and its reader need not know where it is run. Only paths that are
 * text are asked about: those of bytes lie in a folder that is open, and are opened so that nothing waits.
 */
export class OpenedFiles {
  #listener: Listener | undefined
  #files = new OwnFiles()

  /** From here on, in all code of this thread. */
  constructor() {
    for (const name of [...OPENING, ...STREAMS]) this.#replace(name, path => this.#onOpening(path))
    for (const name of [...LOOKING, 'exists']) this.#replace(name, path => this.#onLooking(path))
  }

  /** Who hears from now on; undefined: nobody, who is not asked either. */
  hear(listener: Listener | undefined): void {
    this.#listener = listener
    this.#files = new OwnFiles()
  }

  #onOpening(path: string): void {
    if (this.#listener !== undefined && this.#files.at(path) !== 'plain') this.#listener(path)
  }

  /** A device may be looked at without a wait, and so may a pipe: but who looks at that opens it next. */
  #onLooking(path: string): void {
    if (this.#listener === undefined) return
    const found = this.#files.at(path)
    if (found === 'own' || found === 'pipe') this.#listener(path)
  }

  #replace(name: string, ask: Listener): void {
    asking(fs as unknown as Calls, name, ask)
    asking(fs as unknown as Calls, `${name}Sync`, ask)
    // The function of a promise fails by it.
    asking(
      fs.promises as unknown as Calls,
      name,
      ask,
      call =>
        async (...words) =>
          call(...words),
    )
  }
}

/** Has a call ask first, where there is one of that name. */
function asking(calls: Calls, name: string, ask: Listener, wrap: (call: Call) => Call = call => call): void {
  const call = calls[name] as Call | undefined
  if (call === undefined) return
  const asked = wrap((...words) => {
    const [path] = words
    if (typeof path === 'string') ask(path)
    return call(...words)
  })
  calls[name] = Object.assign(asked, call)
}
