import type { ContextEntry } from './manifest.ts'

/** What of a folder is wanted. */
export interface FolderChoice {
  /** These paths alone, links followed, and what is beneath them; wildcards are allowed. Absent: all. */
  readonly paths?: readonly string[]
  /** Lines of a `.dockerignore`: what they name does not come. */
  readonly excluded?: readonly string[]
}

/** A folder as it was when somebody looked; each file may be asked for once. */
export interface FolderListing {
  /** The same for the same folder, over all builds. */
  readonly identity: string
  /** A folder before what is in it, names sorted by their bytes. */
  readonly entries: readonly ContextEntry[]
  /** The content of files, by their places in `entries`, one after the other as they are asked for; each is read to its end. */
  contents(places: readonly number[]): AsyncIterable<ListedContent>
  /** Nothing more is wanted. To be called whatever happened. */
  end(): Promise<void>
}

/** The content of one file of a listing. */
export interface ListedContent {
  readonly entry: ContextEntry
  readonly bytes: AsyncIterable<Uint8Array>
}

/** A folder that the client of a build has, of which only what is wanted travels. */
export interface FolderSource {
  list(choice: FolderChoice, signal: AbortSignal): Promise<FolderListing>
}
