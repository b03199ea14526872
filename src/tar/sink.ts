import type { TarEntry } from './entry.ts'

/**
 * Where entries of an archive become files. It is given names that were checked, and resolves them beneath its root all
 * the same, at each entry anew: what an entry made may lead the next one elsewhere. The native program is one.
 */
export interface TreeSink {
  /** Makes an entry, in place of what has its name. `name` is relative, without `.`, `..` and empty parts. */
  entry(entry: TarEntry): void
  /** Content of the file that was last announced, exactly as many bytes as its size. */
  data(chunk: Uint8Array): void
  /** Sets the time of a folder again, after what was put into it has changed it. */
  folderTime(entry: Pick<TarEntry, 'name' | 'mtime' | 'nanoseconds'>): void
  /** Waits until there is room for more. Raises why the sink takes nothing any more. */
  ready(): Promise<void>
}
