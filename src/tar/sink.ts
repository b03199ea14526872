import type { NextBytes, TakenContent } from '../linux/held-connection.ts'
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
  /** Takes content of that file by itself from the connection that it comes on, as much as can be taken; undefined where it takes none. */
  take?(next: NextBytes): Promise<TakenContent | undefined>
  /** Sets the time of a folder again, after what was put into it has changed it. */
  folderTime(entry: Pick<TarEntry, 'name' | 'mtime' | 'nanoseconds'>): void
  /** Waits until there is room for more. Raises why the sink takes nothing any more. */
  ready(): Promise<void>
}

/** An archive that comes on a connection from which somebody else may take content. */
export interface HoldableSource {
  /** Reads no more of the connection: what comes next; undefined where that cannot be told yet: what was read comes as ever, and this is asked again behind it. */
  hold(): NextBytes | undefined
  /** Reads on, where it was held and nothing is taken. */
  readOn(): void
  /** Reads on behind what was taken; undefined: nobody knows what comes next, and it is given up. */
  goOn(taken: TakenContent | undefined): void
}
