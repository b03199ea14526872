import { PassThrough, Readable } from 'node:stream'
import { collectErrorsTogether, failure } from '../../diagnostics/index.ts'
import type { Target } from '../target.ts'
import { containerTarget } from './container-path.ts'
import { type HostSource, hostSource, packSource } from './host-path.ts'
import { LeftOut } from './left-out.ts'
import { placeCopy } from './place.ts'
import {
  type CopiedContainer,
  type CopyRequest,
  type ServicePath,
  telling,
  withContainers,
} from './service-files.ts'

export interface CopyInRequest extends CopyRequest {
  /** The one-offs of the service as well. */
  readonly all?: boolean
  /** What is copied belongs to the container's user, not to who owns it here. */
  readonly archive?: boolean
}

/**
 * Copies a file or a folder of this machine, or what a tar has in it, into each container of a service, running or not, and
 * returns their names. Where it goes follows the rules of `docker cp`. Errors: COPY_SOURCE, COPY_PLACE, NO_CONTAINER,
 * NO_SUCH_SERVICE, and the engine's; one container's do not keep the others from theirs.
 */
export async function copyIn(
  target: Target,
  source: string | Readable,
  { service, path }: ServicePath,
  request: CopyInRequest = {},
): Promise<readonly string[]> {
  const { cwd = process.cwd() } = target
  const { index, all, followLink = false } = request
  const from = source instanceof Readable ? source : await hostSource(cwd, source, followLink)
  const which = { index, oneOffs: all === true, changes: true }
  return withContainers(target, service, which, async containers => {
    const sources = from instanceof Readable ? copiesOf(from, containers.length) : containers.map(() => from)
    await collectErrorsTogether(
      `copy to ${service}`,
      containers.map((one, at) => () => {
        const own = sources[at] ?? from
        return telling('copy', one.name, request, () => copyTo(one, own, path, request))
      }),
    )
    return containers.map(({ name }) => name)
  })
}

/** A stream can be read once: each container has a copy of it, and the slowest holds the others back. */
function copiesOf(stream: Readable, count: number): readonly Readable[] {
  if (count === 1) return [stream]
  const copies = Array.from({ length: count }, () => stream.pipe(new PassThrough()))
  stream.once('error', error => {
    for (const copy of copies) copy.destroy(error)
  })
  return copies
}

async function copyTo(
  { container }: CopiedContainer,
  from: HostSource | Readable,
  path: string,
  { archive, dryRun }: CopyInRequest,
): Promise<string | undefined> {
  const there = await containerTarget(container, path)
  if (from instanceof Readable && there.kind !== 'folder') throw noFolder(path)
  const place = from instanceof Readable ? { folder: there.path, name: '' } : placeCopy(from, there)
  if (dryRun === true) return undefined
  const leftOut = new LeftOut()
  const tar = from instanceof Readable ? from : packSource(from, place.name, leftOut)
  const options = { path: place.folder, noOverwriteDirNonDir: true }
  await container.putArchive(tar, archive === true ? { ...options, copyUIDGID: true } : options)
  return leftOut.words
}

function noFolder(path: string): Error {
  return failure({
    code: 'COPY_PLACE',
    kind: 'invalidArgument',
    summary: `a tar is unpacked in a folder, and "${path}" is none`,
  })
}
