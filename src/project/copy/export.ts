import { createWriteStream, lstatSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { failure, messageOf } from '../../diagnostics/index.ts'
import { Interrupted } from '../failures.ts'
import type { Target } from '../target.ts'
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
      else await writeFile(tar, resolve(cwd, destination), signal)
      return undefined
    })
    return name
  })
}

/** A device or a pipe is written to as it is; of all else nothing half is left. */
async function writeFile(tar: Readable, path: string, signal: AbortSignal | undefined): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const isPlain = found === undefined || found.isFile()
  const written = isPlain ? `${path}.${process.pid}.part` : path
  try {
    await pipeline(tar, createWriteStream(written, { mode: 0o600 }), signal === undefined ? {} : { signal })
    if (isPlain) await rename(written, path)
  } catch (error) {
    if (isPlain) await rm(written, { force: true })
    if (signal?.aborted) throw new Interrupted()
    throw failure({
      code: 'OUTPUT_FILE',
      kind: 'invalidArgument',
      summary: `the file "${path}" cannot be written: ${messageOf(error)}`,
      cause: error,
    })
  }
}
