import { checkEntry } from './check.ts'
import { openTar } from './compression.ts'
import { TarDecoder } from './decode.ts'
import type { TarEntry } from './entry.ts'
import { DEFAULT_LIMITS, TarBudget } from './limits.ts'

/** An entry that is read, and what is in it. */
export interface ReadEntry {
  /** Its name is clean: relative, without `.`, `..` and empty parts. */
  readonly entry: TarEntry
  /** To be read, if at all, before the next entry. */
  readonly content: AsyncIterable<Buffer>
}

/**
 * Reads an archive, plain or compressed, entry by entry, without unpacking it anywhere: the one way of archives in archives.
 * Raises TAR_MALFORMED, TAR_UNSUPPORTED, TAR_INVALID, TAR_TOO_LARGE and what the source raises.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<ReadEntry> {
  const items = itemsOf(source)
  let ahead = await items.next()
  async function* content(): AsyncGenerator<Buffer> {
    for (ahead = await items.next(); ahead.done !== true; ahead = await items.next()) {
      if (!Buffer.isBuffer(ahead.value)) return
      yield ahead.value
    }
  }
  try {
    while (ahead.done !== true) {
      const item = ahead.value
      const entry = Buffer.isBuffer(item) ? undefined : checkEntry(item)
      if (entry !== undefined) yield { entry, content: content() }
      // What nobody wanted of the content.
      while (ahead.done !== true && (ahead.value === item || Buffer.isBuffer(ahead.value)))
        ahead = await items.next()
    }
  } finally {
    await items.return(undefined)
  }
}

/** Entries and pieces of content in their order. */
async function* itemsOf(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry | Buffer> {
  const budget = new TarBudget(DEFAULT_LIMITS)
  const items: (TarEntry | Buffer)[] = []
  const decoder = new TarDecoder({
    entry: entry => {
      budget.addEntry(entry.size)
      items.push(entry)
    },
    data: bytes => items.push(bytes),
  })
  for await (const chunk of await openTar(counted(source, budget))) {
    budget.addUnpacked(chunk.length)
    decoder.write(chunk)
    yield* items.splice(0)
  }
  decoder.end()
}

async function* counted(source: AsyncIterable<Buffer>, budget: TarBudget): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    budget.packed += chunk.length
    yield chunk
  }
}
