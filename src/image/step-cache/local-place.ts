import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { readIfThere, writeFileAtomic } from '../../linux/atomic-file.ts'
import { KeyedMutex } from '../../linux/keyed-mutex.ts'
import { isAlive, ownIdentity, parseIdentity, renderIdentity } from '../../linux/process-identity.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { hexOf, isDigest } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE, OCI_LAYER } from '../../oci/media-types.ts'
import type { ImageStore } from '../store/types.ts'
import type { CacheReader, CacheWriter } from './place.ts'

/** Entry of index.json (OCI image specification, image-layout.md). */
type Entry = Descriptor & { readonly annotations?: Readonly<Record<string, string>> }

/** Begins the name of what is being written; who writes it follows. */
const HALF = '.half-'
const NAME = 'org.opencontainers.image.ref.name'
const TAG_DEFAULT = 'latest'
/** Who carries the folder elsewhere need not be root. */
const READABLE = { mode: 0o644 }
/** Of index.json and of manifests, in bytes. */
const LIMIT = 4 * 1024 * 1024

/** Reads a cache from a folder in OCI's image layout, by its tag or its digest. */
export function localReader(
  folder: string,
  { tag = TAG_DEFAULT, digest: wanted }: { readonly tag?: string; readonly digest?: string },
): CacheReader {
  const blob: CacheReader['blob'] = async ({ digest, size }, limit) => {
    if (size > limit) throw invalid(folder, `${digest} has ${size} bytes, ${limit} are read`)
    const bytes = await readBlob(folder, digest, limit)
    if (digestOf(bytes) !== digest) throw invalid(folder, `the bytes of ${digest} are others`)
    if (bytes.length !== size)
      throw invalid(folder, `${digest} has ${bytes.length} bytes, its descriptor says ${size}`)
    return bytes
  }
  return {
    name: folder,
    blob,
    manifest: async inner => {
      const entries = await entriesOf(folder)
      const named = entries.find(entry =>
        wanted === undefined ? entry.annotations?.[NAME] === tag : entry.digest === wanted,
      )
      const found = inner ?? named
      if (found === undefined) throw invalid(folder, `it has no "${wanted ?? tag}"`)
      const bytes = await blob(found, LIMIT)
      return { digest: found.digest, mediaType: named?.mediaType ?? MEDIA_TYPE.manifest, bytes }
    },
    open: ({ digest }) => createReadStream(blobPath(folder, digest)),
  }
}

const writing = new KeyedMutex()

/**
 * Writes a cache into a folder in OCI's image layout, under a tag. Layers that it has already are not packed again, and what
 * other tags name stays.
 */
export async function localWriter(
  folder: string,
  tag: string | undefined,
  {
    store,
    known,
  }: {
    readonly store: Pick<ImageStore, 'layerTar'>
    /** How the folder has layers packed already. */
    readonly known: ReadonlyMap<string, Descriptor>
  },
): Promise<CacheWriter> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  await sweepHalves(folder)
  await writeFileAtomic(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}', READABLE)
  return {
    name: folder,
    layer: async diffId => {
      const found = known.get(diffId)
      if (found !== undefined && (await sizeOf(folder, found.digest)) === found.size)
        return { mediaType: OCI_LAYER.gzip, ...found }
      return { mediaType: OCI_LAYER.gzip, ...(await packInto(folder, store.layerTar(diffId))) }
    },
    blob: ({ digest }, bytes) => writeFileAtomic(blobPath(folder, digest), bytes, READABLE),
    manifest: ({ digest, mediaType, bytes }) =>
      writing.run(folder, async () => {
        await writeFileAtomic(blobPath(folder, digest), bytes, READABLE)
        const others = (await entriesOf(folder)).filter(
          ({ annotations }) => annotations?.[NAME] !== (tag ?? TAG_DEFAULT),
        )
        const own = { mediaType, digest, size: bytes.length, annotations: { [NAME]: tag ?? TAG_DEFAULT } }
        const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [...others, own] }
        await writeFileAtomic(join(folder, 'index.json'), JSON.stringify(index), READABLE)
      }),
  }
}

/** Removes what dead writers have left. */
async function sweepHalves(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter(each => each.startsWith(HALF))) {
    const writer = parseIdentity(name.slice(HALF.length).replace(/-[0-9a-f]+$/, ''))
    if (writer === undefined || !isAlive(writer)) await rm(join(folder, name), { force: true })
  }
}

/** Packs a layer into a blob, which gets its name when it is whole. */
async function packInto(folder: string, tar: AsyncIterable<Buffer>): Promise<Descriptor> {
  const half = join(folder, `${HALF}${renderIdentity(ownIdentity())}-${randomBytes(6).toString('hex')}`)
  const hash = createHash('sha256')
  let size = 0
  try {
    await pipeline(
      Readable.from(tar, { objectMode: false }),
      createGzip(),
      async function* (packed: AsyncIterable<Buffer>) {
        for await (const piece of packed) {
          hash.update(piece)
          size += piece.length
          yield piece
        }
      },
      createWriteStream(half, { mode: 0o644 }),
    )
    const digest = `sha256:${hash.digest('hex')}`
    await rename(half, blobPath(folder, digest))
    return { digest, size }
  } finally {
    await rm(half, { force: true })
  }
}

/** What index.json names; nothing where there is none. Raises BUILD_CACHE_INVALID. */
async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const text = await readIfThere(join(folder, 'index.json'))
  if (text === undefined) return []
  try {
    const { manifests } = JSON.parse(text) as { readonly manifests?: unknown }
    if (Array.isArray(manifests)) return manifests.filter(isEntry)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw invalid(folder, 'its index.json cannot be read')
}

function isEntry(value: unknown): value is Entry {
  const { digest, size } = (value ?? {}) as Partial<Entry>
  return typeof digest === 'string' && isDigest(digest) && typeof size === 'number'
}

async function readBlob(folder: string, digest: string, limit: number): Promise<Buffer> {
  const size = await sizeOf(folder, digest)
  if (size === undefined) throw invalid(folder, `it lacks ${digest}`)
  if (size > limit) throw invalid(folder, `${digest} has ${size} bytes, ${limit} are read`)
  return readFile(blobPath(folder, digest))
}

async function sizeOf(folder: string, digest: string): Promise<number | undefined> {
  try {
    return (await stat(blobPath(folder, digest))).size
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function blobPath(folder: string, digest: string): string {
  return join(folder, 'blobs', 'sha256', hexOf(digest))
}

function invalid(folder: string, detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'BUILD_CACHE_INVALID',
    summary: `the folder "${folder}" has no build cache that can be read`,
    detail,
  })
}
