import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extractTar, type TarEntry } from '../../tar/index.ts'
import type { Target } from '../target.ts'
import { containerSource } from './container-path.ts'
import { hostTarget } from './host-path.ts'
import { HostSink } from './host-sink.ts'
import { type CopyPlace, placeCopy } from './place.ts'
import { type CopyRequest, type ServicePath, telling, withContainers } from './service-files.ts'

/**
 * Copies a file or a folder of a service's first container, running or not, to this machine, or writes it to a stream as a tar,
 * and returns the container's name. Owners are the caller's. Errors: COPY_SOURCE, COPY_PLACE, COPY_FAILED, NO_CONTAINER, NO_SUCH_SERVICE, and
 * the engine's.
 */
export async function copyOut(
  target: Target,
  { service, path }: ServicePath,
  destination: string | Writable,
  request: CopyRequest = {},
): Promise<string> {
  const { cwd = process.cwd() } = target
  const { index, followLink = false, dryRun } = request
  return withContainers(target, service, { index }, async containers => {
    const [first] = containers
    if (first === undefined) throw new RangeError(`service "${service}" has no container`)
    const { name, container } = first
    await telling('copy', name, request, async () => {
      const source = await containerSource(first, path, followLink)
      const place =
        typeof destination === 'string' ? placeCopy(source, await hostTarget(cwd, destination)) : undefined
      if (dryRun === true) return undefined
      const tar = await container.getArchive({ path: source.actual })
      if (typeof destination !== 'string') await pipeline(tar, destination, { end: false })
      else if (place !== undefined) return await unpack(tar, place)
      return undefined
    })
    return name
  })
}

/** Unpacks what is asked for under the name that the copy has; what is in it alone where it has none. Says what it leaves out. */
async function unpack(tar: Readable, { folder, name }: CopyPlace): Promise<string | undefined> {
  const sink = new HostSink(folder)
  const rename = renaming(Buffer.from(name).toString('latin1'))
  try {
    await extractTar(tar, sink, {
      select: rename.select,
      // The archive of a folder's content begins with the folder itself.
      onTop: entry => {
        rename.topIsContent()
        if (name !== '') sink.entry({ ...entry, type: 'folder', name: Buffer.from(name).toString('latin1') })
      },
    })
    return sink.leftOut.words
  } finally {
    sink.close()
  }
}

/** The first entry is what was asked for, and all others are in it: engines do not agree on what they call it. */
function renaming(name: string): {
  select(entry: TarEntry): TarEntry | undefined
  topIsContent(): void
} {
  let top: string | undefined
  const renamed = (path: string): string => {
    const inside = top === '' ? path : path === top ? '' : path.slice((top?.length ?? 0) + 1)
    return name === '' ? inside : inside === '' ? name : `${name}/${inside}`
  }
  return {
    topIsContent: () => {
      top ??= ''
    },
    select: entry => {
      top ??= entry.name
      const path = renamed(entry.name)
      if (path === '') return undefined
      return { ...entry, name: path, ...(entry.type === 'link' ? { linkName: renamed(entry.linkName) } : {}) }
    },
  }
}
