import { posix } from 'node:path'
import { Readable } from 'node:stream'
import type { ArchiveDownload } from '../../api/types/index.ts'
import type { PackItem } from '../../native/index.ts'
import { harmless, TarEncoder, type TarEntry } from '../../tar/index.ts'
import type { Container } from '../state/container.ts'
import { type FilesContext, type Location, mountLayers, ROOT, rootLayers } from './location.ts'
import { Passage } from './passage.ts'
import { findPath, renderStat } from './stat.ts'

const PIECE = 256 * 1024
/** Content from this size on goes as it came: copying it would be half of the work. */
const LARGE = 16 * 1024

/** `GET /containers/{id}/archive`: the native program reads the path beneath its root, and its entries become a tar. */
export async function getArchive(
  engine: FilesContext,
  container: Container,
  path: string,
  signal: AbortSignal,
): Promise<ArchiveDownload> {
  const { location, found } = await findPath(engine, container, path)
  const name = posix.basename(posix.join('/', path)) || '.'
  const tarball = await packLocation(engine, { ...location, path: found.path }, name, signal)
  return { stat: renderStat(found, path), tar: tarball }
}

/** `GET /containers/{id}/export`: the whole file system, without its mounts. */
export async function exportRoot(
  engine: FilesContext,
  container: Container,
  signal: AbortSignal,
): Promise<Readable> {
  const root = { open: mountLayers(ROOT, await rootLayers(engine, container)), path: '/' }
  // As Docker has it, without an entry for the top itself.
  return await packLocation(engine, root, '', signal)
}

async function packLocation(
  engine: FilesContext,
  location: Location,
  name: string,
  signal: AbortSignal,
): Promise<Readable> {
  const items = engine.native
    .pack({ outside: [...location.open, { op: 'pack', slot: ROOT, path: location.path }] })
    [Symbol.asyncIterator]()
  // What cannot be opened fails the call; later it could only break off the stream.
  const first = await items.next()
  const passage = new Passage()
  const tar = Readable.from(archiveOf(first, items, Buffer.from(name).toString('latin1'), passage), {
    objectMode: false,
    highWaterMark: PIECE,
  })
  tar.once('close', () => {
    passage.end()
    void items.return?.()
  })
  signal.addEventListener('abort', () => tar.destroy(), { once: true })
  return tar
}

async function* archiveOf(
  first: IteratorResult<readonly PackItem[]>,
  items: AsyncIterator<readonly PackItem[]>,
  name: string,
  passage: Passage,
): AsyncGenerator<Buffer> {
  const encoder = new TarEncoder()
  for (let next = first; next.done !== true; next = await items.next()) {
    const pieces = next.value.flatMap(item => {
      if (Buffer.isBuffer(item)) return encoder.data(item)
      return name === '' && item.name === '' ? [] : [encoder.entry(below(name, item))]
    })
    for (const piece of gathered(pieces)) {
      passage.pass(piece.length)
      yield piece
    }
  }
  yield encoder.end()
}

/** Many small pieces as one: each costs whoever reads it a turn. Content in large ones is not copied. */
function* gathered(pieces: readonly Buffer[]): Generator<Buffer> {
  let waiting: Buffer[] = []
  for (const piece of pieces) {
    if (piece.length < LARGE) {
      waiting.push(piece)
      continue
    }
    if (waiting.length > 0) yield Buffer.concat(waiting)
    waiting = []
    yield piece
  }
  if (waiting.length > 0) yield Buffer.concat(waiting)
}

/** The entry as it is called in the archive: what was asked for has its name, and all else lies in it. */
function below(top: string, entry: TarEntry): TarEntry {
  const name = posix.join(top, entry.name)
  return {
    ...entry,
    name: entry.type === 'folder' ? `${name}/`.replace(/\/+$/, '/') : name,
    linkName: entry.type === 'link' ? posix.join(top, entry.linkName) : entry.linkName,
    xattrs: harmless(entry.xattrs),
  }
}
