import { type FSWatcher, watch } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'

/** Looked at anyway so often, should the kernel tell nothing (a full inotify queue, an exotic file system). */
const POLL_MILLISECONDS = 500

/** Tells when something in a folder may have changed: inotify, with a poll as fallback. */
export class ChangeWatch {
  #watcher: FSWatcher | undefined
  #changed = false
  #wake: (() => void) | undefined

  constructor(folder: string) {
    try {
      this.#watcher = watch(folder, { persistent: false }, () => this.poke())
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

  /** Resolves at the next change, at once when there was one since the last call. */
  async wait(): Promise<void> {
    if (!this.#changed) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#wake = resolve
        timer = setTimeout(resolve, POLL_MILLISECONDS)
      })
      clearTimeout(timer)
      this.#wake = undefined
    }
    this.#changed = false
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.poke()
  }
}
