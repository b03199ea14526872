import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Target } from '../target.ts'
import { writeWholeFile } from '../whole-file.ts'
import { type CopyRequest, telling, withContainers } from './service-files.ts'

/**
 * Writes the file system of a service's first container, running or not, without its mounts, as a tar: to a file, which is there
 * whole or not at all, or to a stream. Returns the container's name. Errors: OUTPUT_FILE, NO_CONTAINER, NO_SUCH_SERVICE; Interrupted after an abort.
 */
export async function exportContainer(
  target: Target,
  service: string,
  destination: string | Writable,
  request: Pick<CopyRequest, 'index' | 'onEvent' | 'dryRun'> & { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const { cwd = process.cwd() } = target
  const { signal } = request
  return withContainers(target, service, { index: request.index }, async ([first]) => {
    if (first === undefined) throw new RangeError(`service "${service}" has no container`)
    const { name, container } = first
    await telling('export', name, request, async () => {
      if (request.dryRun === true) return undefined
      const tar = await container.export()
      if (typeof destination !== 'string') await pipeline(tar, destination, { end: false })
      else await writeWholeFile(tar, resolve(cwd, destination), signal)
      return undefined
    })
    return name
  })
}
