import type { Readable } from 'node:stream'
import type { TakenContent } from '../linux/held-connection.ts'
import { checkEntry } from './check.ts'
import { openAny } from './compression.ts'
import { TarDecoder, type TarVisitor } from './decode.ts'
import type { TarEntry } from './entry.ts'
import { DEFAULT_LIMITS, TarBudget, type TarLimits } from './limits.ts'
import type { HoldableSource, TreeSink } from './sink.ts'

/** How an archive is unpacked. */
export interface ExtractOptions {
  /** What becomes of an entry, whose name is clean: itself, another, or nothing. */
  readonly select?: (entry: TarEntry) => TarEntry | undefined
  /** Told of an entry for the folder itself that is unpacked to, which makes nothing. */
  readonly onTop?: (entry: TarEntry) => void
  /** Sparse files are unpacked, their holes as zeros; they are refused otherwise. */
  readonly sparse?: boolean
  /** Given every byte of the tar, unpacked, in order: also what stands behind its end. */
  readonly onBytes?: (bytes: Buffer) => void
  /** Given the bytes of `onBytes` that are no file's content, in order with those of `onContent`. */
  readonly onFrame?: (bytes: Buffer) => void
  /** Given the content of every file, also of those that are not taken. */
  readonly onContent?: (bytes: Buffer) => void
  /** Waited for after each piece: whoever is told of the bytes has room for more. */
  readonly ready?: () => Promise<void>
  /** The source as one that content of large files may be taken from by the sink, where that can; nobody is told of such bytes. */
  readonly holdable?: HoldableSource
  readonly limits?: TarLimits
  readonly signal?: AbortSignal
}

/**
 * Unpacks an archive, plain or compressed, into a sink: the one way of all that is unpacked. Names are checked and limits
 * kept here; that nothing outside of the root is touched is the sink's work. Raises TAR_MALFORMED, TAR_UNSUPPORTED,
 * TAR_INVALID, TAR_TOO_LARGE, what the source and the sink raise; what was unpacked until then stays.
 */
export async function extractTar(
  source: Readable,
  sink: TreeSink,
  options: ExtractOptions = {},
): Promise<void> {
  const budget = new TarBudget(options.limits ?? DEFAULT_LIMITS)
  const extractor = new Extractor(sink, budget, options)
  const decoder = new TarDecoder(extractor, { sparse: options.sparse === true })
  const { signal } = options
  const abort = (): void => void source.destroy(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const bytes = counted(source, budget)
  try {
    signal?.throwIfAborted()
    const { tar, isPlain } = await openAny(bytes)
    let holdable = isPlain ? options.holdable : undefined
    for await (const chunk of tar) {
      budget.addUnpacked(chunk.length)
      options.onBytes?.(chunk)
      decoder.write(chunk)
      await sink.ready()
      while (decoder.isPaused) {
        signal?.throwIfAborted()
        decoder.write(NOTHING)
        await sink.ready()
      }
      if (holdable !== undefined && !(await takeContent(holdable, { decoder, extractor, budget, sink })))
        holdable = undefined
      await options.ready?.()
    }
    decoder.end()
    await extractor.finish()
  } catch (error) {
    letGo(source, bytes)
    throw error
  } finally {
    options.holdable?.readOn()
    signal?.removeEventListener('abort', abort)
  }
}

const NOTHING = Buffer.alloc(0)

/** Content from this size on is left to a sink that takes it by itself. */
const WORTH = 1024 * 1024

interface Extraction {
  readonly decoder: TarDecoder
  readonly extractor: Extractor
  readonly budget: TarBudget
  readonly sink: TreeSink
}

/** Has the sink take what the present file still lacks from where it comes, where all that came before has been told: whether it is worth another try. */
async function takeContent(
  source: HoldableSource,
  { decoder, extractor, budget, sink }: Extraction,
): Promise<boolean> {
  const isEven = budget.packed === budget.unpacked
  if (sink.take === undefined || !isEven || !extractor.takesContent || decoder.owed < WORTH) {
    source.readOn()
    return true
  }
  const next = source.hold()
  if (next === undefined) return true
  let taken: TakenContent | undefined
  try {
    const told = await sink.take(next)
    taken = told ?? { count: 0, next }
    decoder.pass(taken.count)
    budget.packed += taken.count
    budget.addUnpacked(taken.count)
    await sink.ready()
    return told?.count !== 0
  } finally {
    source.goOn(taken)
  }
}

/** The source is its owner's: it is not closed when we stop. */
async function* counted(source: Readable, budget: TarBudget): AsyncGenerator<Buffer> {
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    budget.packed += chunk.length
    yield chunk
  }
}

/** Lets what is not wanted flow, so that whoever sends it comes to hear the answer. */
function letGo(source: Readable, bytes: AsyncGenerator<Buffer>): void {
  source.on('error', () => undefined)
  void bytes.return(undefined).then(
    () => source.resume(),
    () => undefined,
  )
}

class Extractor implements TarVisitor {
  readonly #sink: TreeSink
  readonly #budget: TarBudget
  readonly #options: ExtractOptions
  readonly #folders: Pick<TarEntry, 'name' | 'mtime' | 'nanoseconds'>[] = []
  /** Whether the content of the present file becomes some. */
  takesContent = false

  constructor(sink: TreeSink, budget: TarBudget, options: ExtractOptions) {
    this.#sink = sink
    this.#budget = budget
    this.#options = options
  }

  entry(entry: TarEntry): void {
    this.#budget.addEntry(entry.size)
    const taken = this.#taken(entry)
    // What a file became may have no content.
    this.takesContent = taken?.type === 'file'
    if (taken === undefined) return
    this.#sink.entry(taken)
    const { name, mtime, nanoseconds } = taken
    if (taken.type === 'folder') this.#folders.push({ name, mtime, nanoseconds })
  }

  data(chunk: Buffer): void {
    this.#options.onContent?.(chunk)
    if (this.takesContent) this.#sink.data(chunk)
  }

  frame(bytes: Buffer): void {
    this.#options.onFrame?.(bytes)
  }

  #taken(entry: TarEntry): TarEntry | undefined {
    const { select, onTop } = this.#options
    const clean = checkEntry(entry)
    if (clean === undefined) onTop?.(entry)
    return clean === undefined || select === undefined ? clean : select(clean)
  }

  /** Folders get their times last: what is put into them changes them. */
  async finish(): Promise<void> {
    for (const [index, folder] of this.#folders.reverse().entries()) {
      this.#sink.folderTime(folder)
      if (index % 1000 === 999) await this.#sink.ready()
    }
    await this.#sink.ready()
  }
}
