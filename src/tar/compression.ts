import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pipeline, type Readable, type Writable } from 'node:stream'
import { pipeline as copied } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { errnoOf, Failure, failure } from '../diagnostics/index.ts'
import { started } from '../linux/started.ts'
import { BLOCK } from './entry.ts'
import { malformed } from './failure.ts'
import { isHeader } from './header.ts'
import { unzstd } from './zstd.ts'

/** How an archive may be packed. */
export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd'

const MAGIC: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
]
/** Bytes that tell a compression. */
const LONGEST_MAGIC = 6
/** Content comes in pieces of this size: zlib's own are small and each costs a turn of the event loop. */
const PIECE = 256 * 1024
/** Programs for what Node has not. An xz file may want any amount of memory to be unpacked. */
const PROGRAMS = {
  bzip2: ['bzip2', '--decompress', '--stdout'],
  xz: ['xz', '--decompress', '--stdout', '--memlimit-decompress=512MiB'],
  zstd: ['zstd', '--decompress', '--stdout', '--quiet'],
} as const

/** Tells by the first bytes. */
function compressionOf(head: Buffer): Compression {
  return MAGIC.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0] ?? 'none'
}

/** Whether bytes, a block of them or more, can be the start of a tar: a header, an empty archive's zeros, or packed data. */
export function isTarStart(head: Buffer): boolean {
  return (
    compressionOf(head) !== 'none' ||
    isHeader(head) ||
    (head.length >= BLOCK && head.subarray(0, BLOCK).every(byte => byte === 0))
  )
}

/**
 * The tar in some bytes, plain or compressed, told apart by the first of them, since clients name no encoding. Reading it
 * raises TAR_MALFORMED for damaged data, TOOL_MISSING where a program is not installed, and the errors of the bytes.
 */
export async function openTar(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  return (await openAny(bytes)).tar
}

/** The same, with whether it was plain: then its bytes are those that came. */
export async function openAny(
  bytes: AsyncIterable<Buffer>,
): Promise<{ readonly tar: AsyncIterable<Buffer>; readonly isPlain: boolean }> {
  const { head, all } = await peek(bytes, LONGEST_MAGIC)
  const compression = compressionOf(head)
  return { tar: unpacked(all, compression), isPlain: compression === 'none' }
}

function unpacked(all: AsyncGenerator<Buffer>, compression: Compression): AsyncIterable<Buffer> {
  switch (compression) {
    case 'none':
      return all
    case 'gzip':
      return gunzip(all)
    case 'zstd':
      return unpackBy(compression, all, unzstd)
    default:
      return unpackBy(compression, all)
  }
}

/** Whether bytes are a tar archive, plain or compressed: the first header is one. No more than that is read. */
export async function isTarArchive(bytes: AsyncIterable<Buffer>): Promise<boolean> {
  try {
    const { head, all } = await peek(await openTar(bytes), BLOCK)
    await all.return(undefined)
    return isHeader(head)
  } catch (error) {
    if (error instanceof Failure && error.code === 'TAR_MALFORMED') return false
    throw error
  }
}

/** zlib's own errors say nothing of what was read. */
async function* gunzip(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacker = createGunzip({ chunkSize: PIECE })
  // Errors of the bytes come out of the unpacker.
  pipeline(bytes, unpacker, () => undefined)
  try {
    yield* unpacker
  } catch (error) {
    throw errnoOf(error)?.startsWith('Z_') ? malformed('its gzip data is damaged', error) : error
  }
}

/** By its program, or where that is not installed by `otherwise`. */
async function* unpackBy(
  compression: keyof typeof PROGRAMS,
  bytes: AsyncIterable<Buffer>,
  otherwise?: (bytes: AsyncIterable<Buffer>) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const child = await begun(compression)
  if (child !== undefined) yield* through(child, compression, bytes)
  else if (otherwise !== undefined) yield* otherwise(bytes)
  else throw missing(PROGRAMS[compression][0])
}

type Unpacker = ChildProcessByStdio<Writable, Readable, null>

/** The program, running; undefined where it is not installed. */
async function begun(compression: keyof typeof PROGRAMS): Promise<Unpacker | undefined> {
  const [command, ...args] = PROGRAMS[compression]
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' }
  const child = started(spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] }))
  try {
    await once(child, 'spawn')
    return child
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function* through(
  child: Unpacker,
  compression: keyof typeof PROGRAMS,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  exited.catch(() => undefined)
  let broken: unknown
  const fed = copied(bytes, child.stdin).catch((error: unknown) => {
    // A program that stops reading says why by its exit code.
    if (errnoOf(error) === 'EPIPE') return
    broken = error
    child.kill()
  })
  try {
    yield* child.stdout
    const code = await exited
    await fed
    if (broken !== undefined) throw broken
    if (code !== 0) throw malformed(`its ${compression} data is damaged`)
  } finally {
    child.kill()
  }
}

/** Looks at the first bytes, fewer where there are no more; what is given back has them still. */
async function peek(
  bytes: AsyncIterable<Buffer>,
  length: number,
): Promise<{ readonly head: Buffer; readonly all: AsyncGenerator<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < length) {
    const next = await iterator.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { head: head.subarray(0, length), all: whole() }
}

function missing(command: string): Error {
  return failure({
    code: 'TOOL_MISSING',
    kind: 'unavailable',
    summary: `${command} is not installed, which unpacks the archive`,
    hint: `apt-get install ${command === 'xz' ? 'xz-utils' : command}`,
  })
}
