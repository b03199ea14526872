import { mkdirSync } from 'node:fs'
import { posix } from 'node:path'
import type { OutsideOp, UnpackOp } from '../../native/index.ts'
import type { TarEntry, TreeSink } from '../../tar/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { isWithin, mountLayers, ROOT, rootLayers } from './location.ts'
import { lookUp } from './lookup.ts'

/**
 * Which of these files a container would not see in the folders that they are put into, since a tmpfs or an image is mounted around them, or the /dev that
 * each has. What a bind or a volume has is put into its source. Links of its file system count: `/var/run/x` is in a tmpfs at `/run`.
 */
export async function coveredFiles(
  engine: EngineContext,
  container: Container,
  files: readonly string[],
): Promise<readonly string[]> {
  const { mounts } = container.record
  const hides = mounts.filter(({ type }) => type === 'tmpfs' || type === 'image')
  if (hides.length === 0 && !files.some(file => isWithin(file, '/dev'))) return []
  const places = mounts.map(({ destination }) => destination)
  const resolved = await resolveAll(engine, container, [...files, ...places.map(place => `${place}/.`)])
  const around = new Map([['/dev', true]])
  for (const mount of mounts)
    around.set(posix.normalize(resolved(`${mount.destination}/.`)), hides.includes(mount))
  return files.filter(file => {
    const [inner] = [...around].filter(([place]) => isWithin(resolved(file), place)).sort(deepestFirst)
    return inner?.[1] === true
  })
}

function deepestFirst([a]: readonly [string, boolean], [b]: readonly [string, boolean]): number {
  return b.length - a.length
}

/** Each path with the links of its folders followed, as far as these are there. */
async function resolveAll(
  engine: EngineContext,
  container: Container,
  paths: readonly string[],
): Promise<(path: string) => string> {
  const folders = [...new Set(paths.flatMap(foldersOf))]
  const root = mountLayers(ROOT, await rootLayers(engine, container))
  const found = await lookUp(engine.native, root, folders, true)
  const places = new Map(folders.map((folder, index) => [folder, found[index]?.path]))
  return path => {
    const deepest = foldersOf(path).find(folder => places.get(folder) !== undefined)
    if (deepest === undefined) return path
    return posix.join('/', places.get(deepest) ?? '', path.slice(deepest.length))
  }
}

/** The folders that a path lies in, the deepest first. */
function foldersOf(path: string): string[] {
  const folder = posix.dirname(path)
  return folder === '/' ? [] : [folder, ...foldersOf(folder)]
}

/** An archive for a container, and which of its files something covers there. */
export interface CoveredUpload {
  readonly container: Container
  /** Where it is unpacked to. */
  readonly folder: string
  readonly covered: readonly string[]
  readonly unpack: UnpackOp
}

/**
 * Unpacks by `others` what the container sees where it is put, and what it does not to the folder whose files its starts mount
 * over the mounts (`ContainerPaths.overMounts`).
 */
export async function unpackCovered(
  engine: EngineContext,
  { container, folder, covered, unpack }: CoveredUpload,
  fill: (sink: TreeSink) => Promise<void>,
  others: (fill: (sink: TreeSink) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (covered.length === 0) return await others(fill)
  const { overMounts } = container.paths
  mkdirSync(overMounts, { mode: 0o700, recursive: true })
  const outside: OutsideOp[] = [
    { op: 'open', slot: ROOT, path: overMounts, kind: 'folder' },
    { ...unpack, path: '/' },
  ]
  const inside = new Map(
    covered.map(path => [bytesAsText(posix.relative(folder, path)), bytesAsText(path.slice(1))]),
  )
  await others(outer =>
    engine.native.unpack({ outside }, inner => fill(new CoveredSink(inside, inner, outer))),
  )
}

/** Raw bytes as latin1 text, as names in an archive are. */
function bytesAsText(path: string): string {
  return Buffer.from(path).toString('latin1')
}

/** Gives plain files of these names to a sink of their own, by the names that they have there. */
class CoveredSink implements TreeSink {
  readonly #names: ReadonlyMap<string, string>
  readonly #covered: TreeSink
  readonly #others: TreeSink
  #last: TreeSink

  constructor(names: ReadonlyMap<string, string>, covered: TreeSink, others: TreeSink) {
    this.#names = names
    this.#covered = covered
    this.#others = others
    this.#last = others
  }

  entry(entry: TarEntry): void {
    const name = entry.type === 'file' ? this.#names.get(entry.name) : undefined
    this.#last = name === undefined ? this.#others : this.#covered
    this.#last.entry({ ...entry, name: name ?? entry.name })
  }

  data(chunk: Uint8Array): void {
    this.#last.data(chunk)
  }

  folderTime(entry: Pick<TarEntry, 'name' | 'mtime' | 'nanoseconds'>): void {
    this.#others.folderTime(entry)
  }

  async ready(): Promise<void> {
    await this.#others.ready()
    await this.#covered.ready()
  }
}
