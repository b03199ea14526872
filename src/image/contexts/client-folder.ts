import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Failure, failure } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import { encodeHeader, endOfArchive, padding, plainEntry } from '../../tar/index.ts'
import type { HeldContext, KeptContexts } from './contexts.ts'
import type { FolderChoice, FolderListing, FolderSource } from './folder-source.ts'
import type { ContextEntry, ContextManifest } from './manifest.ts'

/** Trees of one folder that may be held in different states at once. */
const STATES = 64

/** How a folder is brought. */
export interface BringOptions {
  readonly signal: AbortSignal
  /** Told of the bytes of files, as they come. */
  readonly onBytes?: (count: number) => void
}

/** A folder of a build's client, and where it is kept between builds: only what has changed since travels. */
export class ClientFolder {
  readonly #contexts: KeptContexts
  readonly #source: FolderSource

  constructor(contexts: KeptContexts, source: FolderSource) {
    this.#contexts = contexts
    this.#source = source
  }

  /** Texts of files, by name; those that are not there are left out. Raises FILE_TOO_LARGE. */
  async texts(
    names: readonly string[],
    most: number,
    { signal, onBytes = () => undefined }: BringOptions,
  ): Promise<ReadonlyMap<string, string>> {
    const listing = await this.#source.list({ paths: names }, signal)
    try {
      const wanted = places(listing.entries, ({ name, type }) => type === 'file' && names.includes(name))
      for (const place of wanted) checkSize(listing.entries[place], most)
      const texts = new Map<string, string>()
      for await (const { entry, bytes } of listing.contents(wanted)) {
        const parts: Uint8Array[] = []
        for await (const chunk of bytes) {
          onBytes(chunk.length)
          parts.push(chunk)
        }
        texts.set(entry.name, textOfName(Buffer.concat(parts)))
      }
      for (const { type, name, link } of listing.entries) {
        const text = type === 'link' ? texts.get(link) : undefined
        if (text !== undefined) texts.set(name, text)
      }
      return texts
    } finally {
      await listing.end()
    }
  }

  /** The folder, here, as it is now; it stays so until it is released. */
  async hold(choice: FolderChoice, options: BringOptions): Promise<HeldContext> {
    for (let state = 0; ; state += 1) {
      try {
        return await this.#holdAs(state, choice, options)
      } catch (error) {
        options.signal.throwIfAborted()
        // Another build holds it in another state: this one has a tree of its own.
        const isTaken =
          error instanceof Failure && (error.code === 'CONTEXT_BUSY' || error.code === 'CONTEXT_GONE')
        if (!isTaken || state === STATES) throw error
      }
    }
  }

  async #holdAs(state: number, choice: FolderChoice, options: BringOptions): Promise<HeldContext> {
    const listing = await this.#source.list(choice, options.signal)
    try {
      const { entries } = listing
      const key = keyOf(listing, choice, state)
      // Nobody tells of the folder itself.
      const mtime = entries.reduce((newest, entry) => Math.max(newest, entry.mtime), 0)
      const manifest: ContextManifest = { key, mtime, entries }
      const { missing, token } = await this.#contexts.check(manifest)
      if (token !== undefined) return await this.#contexts.hold(token)
      const content = Readable.from(this.#tarOf(listing, missing, options), { objectMode: false })
      return await this.#contexts.hold(await this.#contexts.fill(manifest, content, options.signal))
    } finally {
      await listing.end()
    }
  }

  /** The missing files as a tar. */
  async *#tarOf(
    listing: FolderListing,
    missing: readonly number[],
    options: BringOptions,
  ): AsyncGenerator<Uint8Array> {
    yield* entriesOf(listing, missing, options)
    yield endOfArchive()
  }
}

function keyOf(
  { identity }: FolderListing,
  { paths = [], excluded = [] }: FolderChoice,
  state: number,
): string {
  const name = JSON.stringify(['client', identity, paths, excluded, state])
  return createHash('sha256').update(name).digest('hex')
}

function places(
  entries: readonly ContextEntry[],
  isWanted: (entry: ContextEntry) => boolean,
): readonly number[] {
  return entries.flatMap((entry, place) => (isWanted(entry) ? [place] : []))
}

/** Files as parts of a tar: as many bytes as the listing says; what was appended meanwhile is left out. Raises CONTEXT_CHANGED. */
async function* entriesOf(
  listing: FolderListing,
  wanted: readonly number[],
  { onBytes = () => undefined }: BringOptions,
): AsyncGenerator<Uint8Array> {
  for await (const { entry, bytes } of listing.contents(wanted)) {
    const { type, name, mode, mtime, size } = entry
    yield encodeHeader(plainEntry({ type, name, mode, mtime, size }))
    let left = size
    for await (const chunk of bytes) {
      onBytes(chunk.length)
      const taken = chunk.subarray(0, left)
      left -= taken.length
      if (taken.length > 0) yield taken
    }
    if (left > 0) throw changed(name)
    yield padding(size)
  }
}

function checkSize(entry: ContextEntry | undefined, most: number): void {
  if (entry === undefined || entry.size <= most) return
  throw failure({
    code: 'FILE_TOO_LARGE',
    kind: 'invalidArgument',
    summary: `"${entry.name}" has ${entry.size} bytes, at most ${most} are read`,
  })
}

function changed(name: string): Error {
  return failure({
    code: 'CONTEXT_CHANGED',
    kind: 'invalidArgument',
    summary: `"${Buffer.from(name, 'latin1').toString('utf8')}" changed while it was sent`,
  })
}
