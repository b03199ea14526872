import { close, constants, createWriteStream, fstat, open, type WriteStream, write, writev } from 'node:fs'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { failure } from '../diagnostics/index.ts'
import type { NextBytes, TakenContent } from '../linux/held-connection.ts'
import { ENTRY_TOLD, LARGE, TAKE, TAKE_TOLD } from './entry-wire.ts'

/** Content that waits for the disk; whoever has more waits. */
const MOST = 2 * 1024 * 1024
/** Content that is given to the disk at once. */
const PIECE = 512 * 1024

// By number, since a FileHandle that nobody refers to is closed.
const openFile = promisify(open)
const statFile = promisify(fstat)
const closeFile = promisify(close)

/** The two ways between a large file and the program. */
export interface Control {
  readonly told: Readable
  readonly say: (bytes: Uint8Array) => void
}

/**
 * The content of a file that the native program has open, written to the file itself: through the program each byte would be
 * copied twice more, and the two would wait for each other at every 200 kB.
 */
export class LargeFile {
  readonly #out: WriteStream
  readonly #control: Control
  readonly #ended: Promise<unknown>
  readonly #found: Promise<number>
  #failure: unknown
  #wake: () => void = () => undefined
  /** Bytes of the next piece. */
  #held = 0
  readonly #written = (): void => this.#wake()

  /** `control` is where the program tells the file, and hears of it; `ended` fails when it has ended before. */
  constructor(control: Control, ended: Promise<unknown>) {
    const found = openTold(control.told, ended)
    this.#control = control
    this.#ended = ended
    this.#found = found
    this.#out = createWriteStream('', {
      highWaterMark: MOST,
      fs: {
        open: (_path: string, _flags: string, _mode: number, done: (error: unknown, fd?: number) => void) =>
          void found.then(fd => done(null, fd), done),
        close,
        write,
        writev,
      },
    })
    this.#out.on('error', error => {
      this.#failure = error
      this.#wake()
    })
    for (const event of ['drain', 'close']) this.#out.on(event, () => this.#wake())
    found.catch(() => undefined)
    this.#out.cork()
  }

  write(chunk: Uint8Array): void {
    this.#out.write(chunk, this.#written)
    this.#held += chunk.length
    if (this.#held >= PIECE) this.#handOn()
  }

  /** Waits until there is room for more. Raises what the disk says. */
  async room(): Promise<void> {
    if (this.#out.writableNeedDrain) {
      // While it is held nothing would become of what waits.
      this.#out.uncork()
      while (this.#out.writableNeedDrain && this.#failure === undefined) await this.#next()
      this.#out.cork()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Has the program take content from its connection, `most` bytes of it, behind all that was written. Raises what the disk says. */
  async take(next: NextBytes, most: number): Promise<TakenContent> {
    await this.#found
    this.#out.uncork()
    while (this.#out.writableLength > 0 && this.#failure === undefined) await this.#next()
    this.#out.cork()
    if (this.#failure !== undefined) throw this.#failure
    const asked = BigUint64Array.of(BigInt(TAKE[next.kind]), BigInt(next.left), BigInt(most))
    const told = nextTold(this.#control.told, this.#ended, TAKE_TOLD)
    this.#control.say(Buffer.concat([Buffer.of(LARGE.take), Buffer.from(asked.buffer)]))
    return takenOf(await told)
  }

  /** Waits until everything is written. Raises what the disk says. */
  async end(): Promise<void> {
    this.#out.end()
    while (!this.#out.closed && this.#failure === undefined) await this.#next()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Lets go of a file that will not become whole. */
  destroy(): void {
    this.#out.destroy()
  }

  #handOn(): void {
    this.#held = 0
    this.#out.uncork()
    this.#out.cork()
  }

  #next(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}

/** Opens the file that the program tells next, and makes sure that it is this one. */
async function openTold(control: Readable, ended: Promise<unknown>): Promise<number> {
  const told = await nextTold(control, ended, ENTRY_TOLD)
  const path = `/proc/${told.readUInt32LE(0)}/fd/${told.readUInt32LE(4)}`
  const fd = await openFile(path, constants.O_WRONLY | constants.O_APPEND)
  try {
    const { dev, ino } = await statFile(fd, { bigint: true })
    if (dev === told.readBigUInt64LE(8) && ino === told.readBigUInt64LE(16)) return fd
  } catch (error) {
    await closeFile(fd)
    throw error
  }
  await closeFile(fd)
  throw failure({ code: 'NATIVE_DIED', summary: 'Native binary ended within a file of an archive' })
}

function nextTold(control: Readable, ended: Promise<unknown>, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let told = Buffer.alloc(0)
    const take = (chunk: Buffer): void => {
      told = Buffer.concat([told, chunk])
      if (told.length < length) return
      control.off('data', take)
      resolve(told)
    }
    control.on('data', take)
    ended.catch(reject)
  })
}

const KINDS = Object.keys(TAKE) as NextBytes['kind'][]

function takenOf(told: Buffer): TakenContent {
  const [count, left, next] = [0, 8, 16].map(at => Number(told.readBigUInt64LE(at)))
  const kind = KINDS.find(each => TAKE[each] === next)
  if (count === undefined || left === undefined || kind === undefined)
    throw failure({
      code: 'NATIVE_REPLY_INVALID',
      summary: 'Native binary told nothing valid of a connection',
    })
  return { count, next: { kind, left } }
}
