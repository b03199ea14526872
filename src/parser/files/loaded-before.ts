import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { FileSystem, LoadResult, OpenOptions } from '../contract.ts'
import { disk } from './disk.ts'

/** One load, and all that it was made from. */
interface Loaded {
  readonly options: string
  /** By path; undefined of a file that was not there. */
  readonly texts: ReadonlyMap<string, string | undefined>
  readonly places: ReadonlyMap<string, boolean>
  readonly result: LoadResult
}

/** Characters of files that are kept at most: those of larger projects take memory that nobody may ask for again. */
const MOST = 1 << 16

let last: Loaded | undefined

/**
 * Loads, or gives what the last load in this thread gave where its options, its environment and the content of each file that it read or looked for are the
 * same: comparing is quicker than parsing. What is read once alone is never remembered: standard input, pipes, remote files.
 */
export function loadUnlessSame(given: OpenOptions, load: (options: OpenOptions) => LoadResult): LoadResult {
  if (given.keepsLast !== true || given.fileSystem !== undefined) return load(given)
  const { stdin, remote, ...options } = given
  const key = JSON.stringify({ ...options, cwd: resolve(options.cwd) })
  if (last?.options === key && isAsThen(last)) return last.result
  // Not both at once.
  last = undefined
  const reads = new Reads()
  const result = load({
    ...given,
    fileSystem: reads,
    ...(stdin && { stdin: () => reads.once(stdin) }),
    ...(remote && { remote: reference => reads.once(() => remote(reference)) }),
  })
  if (reads.mayBeRepeated && result.project !== undefined)
    last = { options: key, texts: reads.texts, places: reads.places, result }
  return result
}

function isAsThen({ texts, places }: Loaded): boolean {
  return (
    [...places].every(([path, isThere]) => disk.exists(path) === isThere) &&
    [...texts].every(([path, text]) => isSame(path, text))
  )
}

/** A pipe that has taken a file's place is not read: it may have to be. */
function isSame(path: string, text: string | undefined): boolean {
  const kind = kindOf(path)
  return text === undefined
    ? kind !== 'file' && kind !== 'other'
    : kind === 'file' && disk.readFile(path) === text
}

/** The disk, noting what it is asked for. */
class Reads implements FileSystem {
  readonly texts: Map<string, string | undefined> = new Map()
  readonly places: Map<string, boolean> = new Map()
  #isOnce = false
  #size = 0

  get mayBeRepeated(): boolean {
    return !this.#isOnce && this.#size <= MOST
  }

  readFile(path: string): string | undefined {
    const text = disk.readFile(path)
    this.texts.set(path, text)
    this.#size += text?.length ?? 0
    if (text !== undefined && kindOf(path) !== 'file') this.#isOnce = true
    return text
  }

  exists(path: string): boolean {
    const isThere = disk.exists(path)
    this.places.set(path, isThere)
    return isThere
  }

  /** What cannot be asked for again. */
  once<T>(ask: () => T): T {
    this.#isOnce = true
    return ask()
  }
}

/** What is there; only what is a file can be read again. */
function kindOf(path: string): 'file' | 'folder' | 'other' | undefined {
  try {
    const found = statSync(path)
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    if (errnoOf(error) === undefined) throw error
    return 'other'
  }
}
