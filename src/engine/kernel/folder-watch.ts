import { type FSWatcher, watch } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'

/** A folder that is watched; of what is in it one name alone, where that is given. */
export interface WatchedFolder {
  readonly path: string
  readonly name?: string
}

/** Hears of changes in folders by inotify, which others come to and go from. */
export class FolderWatch {
  readonly #folders: () => readonly WatchedFolder[]
  readonly #onChange: () => void
  readonly #watchers = new Map<string, FSWatcher>()
  /** Names that count, by folder; undefined: all. */
  #names = new Map<string, Set<string> | undefined>()

  constructor(folders: () => readonly WatchedFolder[], onChange: () => void) {
    this.#folders = folders
    this.#onChange = onChange
  }

  /** Watches what is to be watched now. What is not there, or finds no room, is only looked at from time to time. */
  renew(): void {
    const names = new Map<string, Set<string> | undefined>()
    for (const { path, name } of this.#folders()) {
      const known = names.has(path) ? names.get(path) : new Set<string>()
      names.set(path, name === undefined ? undefined : known?.add(name))
    }
    this.#names = names
    for (const path of [...this.#watchers.keys()]) if (!names.has(path)) this.#drop(path)
    for (const path of names.keys()) if (!this.#watchers.has(path)) this.#begin(path)
  }

  close(): void {
    for (const path of [...this.#watchers.keys()]) this.#drop(path)
  }

  #begin(path: string): void {
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => this.#heard(path, event, name))
      watcher.on('error', () => this.#drop(path))
      this.#watchers.set(path, watcher)
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'ENOSPC', 'EMFILE'].includes(errnoOf(error) ?? '')) throw error
    }
  }

  /** A folder that has gone itself is told of by its own name, and is watched again when there is one. */
  #heard(path: string, event: string, name: string | null): void {
    const names = this.#names.get(path)
    if (names !== undefined && name !== null && !names.has(name)) return
    if (event === 'rename') this.#drop(path)
    this.#onChange()
  }

  #drop(path: string): void {
    this.#watchers.get(path)?.close()
    this.#watchers.delete(path)
  }
}
