import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { NextBytes, TakenContent } from '../../linux/held-connection.ts'
import { isFolder, type OutsideOp, type UnpackOp } from '../../native/index.ts'
import type { TarEntry, TreeSink } from '../../tar/index.ts'
import { prepareSource } from '../mounts/prepare.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { isWithin, openSource, readonlyMount, seenMounts } from './location.ts'
import { lookUp } from './lookup.ts'

/** A folder that entries are unpacked to. */
export interface Destination {
  /** Operations that put its root into the slot of `unpack`. */
  readonly open: readonly OutsideOp[]
  readonly unpack: UnpackOp
}

/** What takes some of an archive's entries, which are not seen where they would be put. */
export interface Part {
  /** Operations that put its root into the slot of `unpack`. */
  readonly open: readonly OutsideOp[]
  readonly readonly: boolean
  /** The name that an entry has in it, raw bytes as latin1 text; undefined for one that is not for it. */
  readonly nameInside: (name: string, type: TarEntry['type']) => string | undefined
}

/**
 * The mounts of a container that does not run which lie below `folder`: what an archive has for them goes into them, as
 * the next start shows them. Their sources are made ready as that start would. The innermost come first. A mount of a file has nothing below it.
 */
export async function mountsBelow(
  engine: EngineContext,
  container: Container,
  folder: string,
): Promise<Part[]> {
  const below: Part[] = []
  for (const mount of seenMounts(container)) {
    if (mount.destination === folder || !isWithin(mount.destination, folder)) continue
    await prepareSource(engine, container, mount)
    const open = openSource(mount)
    const [found] = await lookUp(engine.native, open, ['/'], true)
    if (found === undefined || !isFolder(found)) continue
    const place = `${nameIn(folder, mount.destination)}/`
    const nameInside = (name: string): string | undefined =>
      name.startsWith(place) ? name.slice(place.length) : undefined
    below.unshift({ open, readonly: mount.readonly, nameInside })
  }
  return below
}

/** The name of a path below a folder, raw bytes as latin1 text, as names in an archive are. */
export function nameIn(folder: string, path: string): string {
  return Buffer.from(posix.relative(folder, path)).toString('latin1')
}

/** Unpacks to the destination, and what is for one of the parts to the first that takes it. */
export async function unpackParts(
  engine: EngineContext,
  to: Destination,
  parts: readonly Part[],
  fill: (sink: TreeSink) => Promise<void>,
): Promise<void> {
  const [part, ...others] = parts
  if (part === undefined) {
    await engine.native.unpack({ outside: [...to.open, to.unpack] }, fill)
    return
  }
  const inside: OutsideOp[] = [...part.open, { ...to.unpack, path: '/' }]
  await unpackParts(engine, to, others, outer =>
    engine.native.unpack({ outside: inside }, inner => fill(new PartSink(part, inner, outer))),
  )
}

/** Gives what is for a part to its sink, all else to another one. */
class PartSink implements TreeSink {
  readonly #part: Part
  readonly #inner: TreeSink
  readonly #outer: TreeSink
  #last: TreeSink

  constructor(part: Part, inner: TreeSink, outer: TreeSink) {
    this.#part = part
    this.#inner = inner
    this.#outer = outer
    this.#last = outer
  }

  entry(entry: TarEntry): void {
    const inside = this.#inside(entry)
    if (inside !== undefined && this.#part.readonly) throw readonlyMount()
    this.#last = inside === undefined ? this.#outer : this.#inner
    this.#last.entry(inside ?? entry)
  }

  data(chunk: Uint8Array): void {
    this.#last.data(chunk)
  }

  async take(next: NextBytes): Promise<TakenContent | undefined> {
    return await this.#last.take?.(next)
  }

  folderTime(entry: Pick<TarEntry, 'name' | 'mtime' | 'nanoseconds'>): void {
    const name = this.#part.nameInside(entry.name, 'folder')
    if (name === undefined) this.#outer.folderTime(entry)
    else this.#inner.folderTime({ ...entry, name })
  }

  async ready(): Promise<void> {
    await this.#outer.ready()
    await this.#inner.ready()
  }

  /** The entry as the part has it. */
  #inside(entry: TarEntry): TarEntry | undefined {
    const { nameInside } = this.#part
    const name = nameInside(entry.name, entry.type)
    if (entry.type !== 'link') return name === undefined ? undefined : { ...entry, name }
    const linkName = nameInside(entry.linkName, entry.type)
    if (name !== undefined && linkName !== undefined) return { ...entry, name, linkName }
    if (name !== linkName) throw linkAcross(entry)
    return undefined
  }
}

function linkAcross({ name, linkName }: TarEntry): Error {
  return failure({
    code: 'PATH_LINK_ACROSS',
    kind: 'invalidArgument',
    summary: `"${name}" cannot be a hard link to "${linkName}", which lies in another mount`,
  })
}
