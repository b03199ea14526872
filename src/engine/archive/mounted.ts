import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
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

/** A mount below the folder that an archive is for. */
export interface MountBelow {
  /** From that folder; raw bytes as latin1 text, as names in an archive. */
  readonly name: string
  readonly open: readonly OutsideOp[]
  readonly readonly: boolean
}

/**
 * The mounts of a container that does not run which lie below `folder`: what an archive has for them goes into them, as
 * the next start shows them. Their sources are made ready as that start would. The innermost come first. A mount of a file has nothing below it.
 */
export async function mountsBelow(
  engine: EngineContext,
  container: Container,
  folder: string,
): Promise<MountBelow[]> {
  const below: MountBelow[] = []
  for (const mount of seenMounts(container)) {
    if (mount.destination === folder || !isWithin(mount.destination, folder)) continue
    await prepareSource(engine, mount, container.terms.mounts.owner)
    const open = openSource(mount)
    const [found] = await lookUp(engine.native, open, ['/'], true)
    if (found === undefined || !isFolder(found)) continue
    const name = Buffer.from(posix.relative(folder, mount.destination)).toString('latin1')
    below.unshift({ name, open, readonly: mount.readonly })
  }
  return below
}

/** Unpacks to the first destination, and what lies in one of the mounts below it, innermost first, to that one. */
export async function unpackMounted(
  engine: EngineContext,
  to: Destination,
  below: readonly MountBelow[],
  fill: (sink: TreeSink) => Promise<void>,
): Promise<void> {
  const [mount, ...others] = below
  if (mount === undefined) {
    await engine.native.unpack({ outside: [...to.open, to.unpack] }, fill)
    return
  }
  const inside: OutsideOp[] = [...mount.open, { ...to.unpack, path: '/' }]
  await unpackMounted(engine, to, others, outer =>
    engine.native.unpack({ outside: inside }, inner => fill(new MountedSink(mount, inner, outer))),
  )
}

/** Gives what lies below a mount to its sink, all else to another one. */
class MountedSink implements TreeSink {
  readonly #mount: MountBelow
  readonly #inner: TreeSink
  readonly #outer: TreeSink
  #last: TreeSink

  constructor(mount: MountBelow, inner: TreeSink, outer: TreeSink) {
    this.#mount = mount
    this.#inner = inner
    this.#outer = outer
    this.#last = outer
  }

  entry(entry: TarEntry): void {
    const isInside = this.#isInside(entry.name)
    this.#last = isInside ? this.#inner : this.#outer
    if (entry.type === 'link' && this.#isInside(entry.linkName) !== isInside) throw linkAcross(entry)
    if (!isInside) {
      this.#outer.entry(entry)
      return
    }
    if (this.#mount.readonly) throw readonlyMount()
    const linkName = entry.type === 'link' ? this.#nameInside(entry.linkName) : entry.linkName
    this.#inner.entry({ ...entry, name: this.#nameInside(entry.name), linkName })
  }

  data(chunk: Uint8Array): void {
    this.#last.data(chunk)
  }

  folderTime(entry: Pick<TarEntry, 'name' | 'mtime' | 'nanoseconds'>): void {
    if (this.#isInside(entry.name)) this.#inner.folderTime({ ...entry, name: this.#nameInside(entry.name) })
    else this.#outer.folderTime(entry)
  }

  async ready(): Promise<void> {
    await this.#outer.ready()
    await this.#inner.ready()
  }

  #isInside(name: string): boolean {
    return name.startsWith(`${this.#mount.name}/`)
  }

  #nameInside(name: string): string {
    return name.slice(this.#mount.name.length + 1)
  }
}

function linkAcross({ name, linkName }: TarEntry): Error {
  return failure({
    code: 'PATH_LINK_ACROSS',
    kind: 'invalidArgument',
    summary: `"${name}" cannot be a hard link to "${linkName}", which lies in another mount`,
  })
}
