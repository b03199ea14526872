import { type FSWatcher, watch } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'

/** Looked at anyway so often where the kernel tells nothing, and where it should and may not (a full inotify queue). */
const POLL_MILLISECONDS = 500
const DISTRUST_MILLISECONDS = 5_000

/** Tells when something in a folder may have changed: inotify, with a poll as fallback. */
export class ChangeWatch {
  #watcher: FSWatcher | undefined
  #changed = false
  #renamed = true
  #wake: (() => void) | undefined

  constructor(folder: string) {
    try {
      this.#watcher = watch(folder, { persistent: false }, kind => {
        if (kind === 'rename') this.#renamed = true
        this.poke()
      })
      this.#watcher.on('error', () => this.close())
    } catch (error) {
      // Out of inotify watches or instances: the poll does it alone.
      if (!['ENOSPC', 'EMFILE', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error
    }
  }

  /** Something changed, or the wait shall end for another reason. */
  poke(): void {
    this.#changed = true
    this.#wake?.()
  }

  /** Whether names in the folder may have changed since the last call: most changes are of what stands in a file. */
  takeRenames(): boolean {
    const renamed = this.#renamed || this.#watcher === undefined
    this.#renamed = false
    return renamed
  }

  /** Resolves at the next change, at once when there was one since the last call. */
  async wait(): Promise<void> {
    if (!this.#changed) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#wake = resolve
        timer = setTimeout(() => this.#look(), this.#watcher ? DISTRUST_MILLISECONDS : POLL_MILLISECONDS)
      })
      clearTimeout(timer)
      this.#wake = undefined
    }
    this.#changed = false
  }

  #look(): void {
    this.#renamed = true
    this.#wake?.()
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.poke()
  }
}
