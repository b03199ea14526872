import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { failure, messageOf } from '../../diagnostics/index.ts'
import { followLines, type ProgressLine } from '../../executor/operations/lines.ts'
import { splitReference } from '../../oci/reference.ts'
import { withEngine } from '../engine.ts'
import { environmentOf, type Target } from '../target.ts'
import { writeWholeFile } from '../whole-file.ts'
import { wirePlatform } from './images.ts'

/** How long something takes is heard by lines, and a signal ends it. */
interface Followed {
  readonly onMessage?: (line: ProgressLine) => void
  readonly signal?: AbortSignal
}

/** Of names with images for several platforms only those for these: `linux/arm64`. */
interface ForPlatforms {
  readonly platforms?: readonly string[]
}

/** Writes images as one archive, to a file, which is there whole or not at all, or to a stream. Errors: OUTPUT_FILE; Interrupted after an abort. */
export function saveImages(
  target: Target,
  names: readonly string[],
  destination: string | Writable,
  { platforms = [], signal }: Pick<Followed, 'signal'> & ForPlatforms = {},
): Promise<void> {
  const { cwd = process.cwd() } = target
  return withEngine(environmentOf(target), async docker => {
    const tar = await docker.getImages({ names: [...names], platform: platforms.map(wirePlatform) })
    if (typeof destination !== 'string') await pipeline(tar, destination, { end: false })
    else await writeWholeFile(tar, resolve(cwd, destination), signal)
  })
}

/** Loads the images of an archive: of a file, or of a stream. Errors: INPUT_FILE, IMAGE_ARCHIVE_INVALID. */
export function loadImages(
  target: Target,
  source: string | Readable,
  { platforms = [], onMessage = () => undefined, signal }: Followed & ForPlatforms = {},
): Promise<void> {
  return withEngine(environmentOf(target), async docker => {
    const file = typeof source === 'string' ? await openFile(target, source) : source
    const stream = await docker.loadImage(file, {
      platform: platforms.map(wirePlatform),
      ...(signal === undefined ? {} : { abortSignal: signal }),
    })
    await followLines(stream, NOT_READ.code, 'the archive could not be loaded', onMessage)
  })
}

export interface ImportImageRequest extends Followed {
  /** What it is called, `REPOSITORY[:TAG]`. */
  readonly reference?: string
  readonly message?: string
  /** Instructions of a Dockerfile that change its config. */
  readonly changes?: readonly string[]
  readonly platform?: string
}

/** Makes an image of one layer from the tar of a file tree: of a file, an address (`http://…`) or a stream; its id. Errors: INPUT_FILE, IMAGE_IMPORT_SOURCE. */
export function importImage(
  target: Target,
  source: string | Readable,
  request: ImportImageRequest = {},
): Promise<string> {
  const { reference, message = '', changes = [], platform, signal } = request
  return withEngine(environmentOf(target), async docker => {
    const { name: repo, tag } = reference === undefined ? {} : splitReference(reference)
    const query = {
      message,
      changes: [...changes],
      ...(repo === undefined ? {} : { repo }),
      ...(tag === undefined ? {} : { tag }),
      ...(platform === undefined ? {} : { platform }),
      ...(signal === undefined ? {} : { abortSignal: signal }),
    }
    const isAddress = typeof source === 'string' && /^https?:\/\//.test(source)
    const stream = isAddress
      ? await docker.createImage(undefined, { ...query, fromSrc: source })
      : await docker.importImage(typeof source === 'string' ? await openFile(target, source) : source, query)
    let id = ''
    await followLines(stream, NOT_READ.code, 'the tar could not be imported', ({ status = id }) => {
      id = status
    })
    return id
  })
}

/** What a Docker Engine says of an archive without a code of ours. */
const NOT_READ = { code: 'IMAGE_ARCHIVE_INVALID' }

async function openFile({ cwd = process.cwd() }: Target, path: string): Promise<Readable> {
  try {
    const place = resolve(cwd, path)
    if ((await stat(place)).isDirectory()) throw new Error('it is a folder')
    return (await open(place, 'r')).createReadStream()
  } catch (error) {
    throw failure({
      code: 'INPUT_FILE',
      kind: 'invalidArgument',
      summary: `the file "${path}" cannot be read: ${messageOf(error)}`,
      cause: error,
    })
  }
}
