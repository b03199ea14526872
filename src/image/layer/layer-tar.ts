import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  read as readCallback,
  readSync,
} from 'node:fs'
import { pipeline } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import { failure, messageOf } from '../../diagnostics/index.ts'
import { namesIn } from '../../linux/names-in.ts'
import { Pieces } from './pieces.ts'
import { RECIPE, recipePaths } from './recipe.ts'

const read = promisify(readCallback)
/** A file that is not larger is read without waiting for another thread. */
const SMALL = 128 * 1024
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Not blocking: what lies there may be a FIFO by now. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * The tar of a layer as its recipe says, byte for byte; `folder` has the recipe and `fs`. That it has the digest that is
 * wanted is for the caller to see. Raises LAYER_CHANGED where a file is not what was unpacked. `pieces`: where the caller gives back what he gets.
 */
export async function* recipeTar(
  folder: string,
  fs: string,
  pieces: Pieces = new Pieces(),
): AsyncGenerator<Buffer> {
  const { recipe, kept } = recipePaths(folder)
  const keptNumbers = new Set(await namesIn(kept))
  const files = new FilesBeneath(fs)
  const lost = new FilesBeneath(kept)
  const piece = new Piece(pieces)
  try {
    for await (const step of stepsOf(recipe)) {
      if (Buffer.isBuffer(step)) {
        for (let rest = step; rest.length > 0; ) {
          rest = piece.copy(rest)
          if (piece.isFull) yield piece.take()
        }
        continue
      }
      const isKept = keptNumbers.has(String(step.number))
      const fd = isKept ? lost.open(String(step.number)) : files.open(step.path)
      try {
        yield* contentOf(fd, step, piece)
      } finally {
        closeSync(fd)
      }
    }
    if (!piece.isEmpty) yield piece.take()
  } finally {
    files.close()
    lost.close()
  }
}

/** What goes together. Content is read straight into it: a layer has tens of thousands of files. */
class Piece {
  readonly #pieces: Pieces
  #bytes: Buffer
  #used = 0

  constructor(pieces: Pieces) {
    this.#pieces = pieces
    this.#bytes = pieces.take()
  }

  get isEmpty(): boolean {
    return this.#used === 0
  }

  get isFull(): boolean {
    return this.#used === this.#bytes.length
  }

  /** Room for so many bytes at most. */
  room(wanted: number): Buffer {
    return this.#bytes.subarray(this.#used, this.#used + wanted)
  }

  /** So many bytes of the room were written. */
  filled(bytes: number): void {
    this.#used += bytes
  }

  /** Takes what there is room for, and gives what is left. */
  copy(bytes: Buffer): Buffer {
    const taken = bytes.copy(this.#bytes, this.#used)
    this.#used += taken
    return bytes.subarray(taken)
  }

  /** What is in it; it is empty then. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#used)
    this.#bytes = this.#pieces.take()
    this.#used = 0
    return taken
  }
}

interface FileStep {
  readonly number: number
  readonly path: string
  readonly size: number
}

async function* stepsOf(recipe: string): AsyncGenerator<Buffer | FileStep> {
  const gunzip = createGunzip({ chunkSize: SMALL })
  // Errors of the file come out of the unpacker.
  pipeline(createReadStream(recipe), gunzip, () => undefined)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of gunzip) {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
      for (let step = stepAt(rest); step !== undefined; step = stepAt(rest)) {
        yield step.step
        rest = rest.subarray(step.length)
      }
    }
  } catch (error) {
    throw changed(`its recipe cannot be read: ${messageOf(error)}`, error)
  }
  if (rest.length > 0) throw changed('its recipe ends within a step')
}

/** The first step in some bytes; undefined when it is not whole. */
function stepAt(bytes: Buffer): { readonly step: Buffer | FileStep; readonly length: number } | undefined {
  if (bytes.length < RECIPE.bytesHead) return undefined
  if (bytes[0] === RECIPE.bytes) {
    const length = RECIPE.bytesHead + bytes.readUInt32LE(1)
    if (bytes.length < length) return undefined
    return { step: bytes.subarray(RECIPE.bytesHead, length), length }
  }
  if (bytes[0] !== RECIPE.file) throw changed('its recipe has a step of an unknown kind')
  if (bytes.length < RECIPE.fileHead) return undefined
  const length = RECIPE.fileHead + bytes.readUInt32LE(5)
  if (bytes.length < length) return undefined
  const path = bytes.toString('latin1', RECIPE.fileHead, length)
  const size = Number(bytes.readBigUInt64LE(9))
  return { step: { number: bytes.readUInt32LE(1), path, size }, length }
}

/** Opens files beneath a folder, each part of a path by itself and following no link; the last folder stays open. */
class FilesBeneath {
  readonly #top: string
  #folder = ''
  #fd: number | undefined

  constructor(top: string) {
    this.#top = top
  }

  open(path: string): number {
    const slash = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(slash, 0))
    try {
      if (this.#fd === undefined || folder !== this.#folder) this.#enter(folder)
      return openSync(beneath(this.#fd, path.slice(slash + 1)), FILE)
    } catch (error) {
      throw changed(`"${path}" cannot be opened: ${messageOf(error)}`, error)
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #enter(folder: string): void {
    this.close()
    this.#fd = openSync(this.#top, FOLDER)
    for (const part of folder === '' ? [] : folder.split('/')) {
      const above = this.#fd
      this.#fd = undefined
      try {
        this.#fd = openSync(beneath(above, part), FOLDER)
      } finally {
        closeSync(above)
      }
    }
    this.#folder = folder
  }
}

function beneath(fd: number | undefined, name: string): Buffer {
  return Buffer.from(`/proc/self/fd/${fd}/${name}`, 'latin1')
}

async function* contentOf(fd: number, { path, size }: FileStep, piece: Piece): AsyncGenerator<Buffer> {
  const info = fstatSync(fd)
  if (!info.isFile() || info.size !== size) throw changed(`"${path}" is no file of ${size} bytes`)
  for (let left = size; left > 0; ) {
    const room = piece.room(left)
    const got = size <= SMALL ? readSync(fd, room) : (await read(fd, room, 0, room.length, null)).bytesRead
    if (got === 0) throw changed(`"${path}" became shorter`)
    left -= got
    piece.filled(got)
    if (piece.isFull) yield piece.take()
  }
}

/** LAYER_CHANGED: the files of a layer are not those that were unpacked. */
export function changed(detail: string, cause?: unknown): Error {
  return failure({
    code: 'LAYER_CHANGED',
    summary: 'a layer of the image store is not what its name says',
    detail,
    hint: 'remove the image and pull or build it again',
    ...(cause === undefined ? {} : { cause }),
  })
}
