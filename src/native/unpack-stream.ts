import type { Readable, Writable } from 'node:stream'
import { failure } from '../diagnostics/index.ts'
import type { NextBytes, TakenContent } from '../linux/held-connection.ts'
import {
  ENTRY_END,
  ENTRY_FOLDER_TIME,
  ENTRY_HEAD,
  ENTRY_LARGE_FILE,
  ENTRY_NUMBERS,
  ENTRY_TYPES,
  type EntryType,
  LARGE as SAID,
} from './entry-wire.ts'
import { LargeFile } from './large-file.ts'

/** What an entry of an archive makes; names and attribute values are raw bytes as latin1 text. */
export interface UnpackEntry {
  readonly type: EntryType
  readonly name: string
  readonly linkName: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly nanoseconds: number
  readonly devMajor: number
  readonly devMinor: number
  readonly xattrs: ReadonlyMap<string, string>
}

/** Takes entries for the operation `unpack`, in order. */
export interface UnpackSink {
  entry(entry: UnpackEntry): void
  /** Content of the file that was last announced, exactly as many bytes as its size. */
  data(chunk: Uint8Array): void
  /** Takes content that the last file still owes from the connection of `unpack`, on which that comes next, as much as can be taken; undefined where that is not worth it. */
  take(next: NextBytes): Promise<TakenContent | undefined>
  folderTime(entry: Pick<UnpackEntry, 'name' | 'mtime' | 'nanoseconds'>): void
  /** Waits until there is room for more. Raises the Failure of the program once it has failed. */
  ready(): Promise<void>
}

/** Entries go in batches: a write for each would cost more than the file. */
const BATCH = 128 * 1024
/** Content from this size on is not copied into a batch. */
const LARGE = 16 * 1024
/** Files from this size on are written from here: handing one over takes as long as the program's copying of a megabyte. */
export const LARGE_FILE: number = 4 * 1024 * 1024

/** The byte that says so of a large file. */
const WHOLE = Buffer.of(SAID.whole)

/** Frames entries and writes them to the fd of the program, whose end says why it takes no more. */
export class UnpackStream implements UnpackSink {
  readonly #out: Writable
  readonly #told: Readable
  readonly #ended: Promise<unknown>
  readonly #failureOf: (error: unknown, name: string) => unknown
  #failure: unknown
  #wake: () => void = () => undefined
  #batch: Buffer = Buffer.allocUnsafe(BATCH)
  #length = 0
  #isFull = false
  /** Content that the last entry still owes: without it the next one would be taken for it. */
  #owed = 0
  /** The file that is written from here, by its name, and what is to be sent behind it. */
  #large: { name: string; file: LargeFile; behind: Uint8Array[]; isWhole: boolean } | undefined

  /** `told` has what the program says of large files. `failureOf` gives the Failure of the program for a file that could not be written from here. */
  constructor(
    out: Writable,
    told: Readable,
    ended: Promise<unknown>,
    failureOf: (error: unknown, name: string) => unknown = error => error,
  ) {
    this.#out = out
    this.#told = told
    this.#ended = ended
    this.#failureOf = failureOf
    ended.catch((failure: unknown) => {
      this.#failure = failure
      this.#wake()
    })
    for (const event of ['drain', 'close']) out.on(event, () => this.#wake())
  }

  entry(entry: UnpackEntry): void {
    this.#checkOwed()
    this.#owed = entry.type === 'file' ? entry.size : 0
    const attributes = [...entry.xattrs]
    const size = attributes.reduce((sum, [name, value]) => sum + name.length + value.length + 9, 0)
    const names = entry.name.length + entry.linkName.length + 2
    this.#room(ENTRY_HEAD + ENTRY_NUMBERS + names + size)
    const isLarge = this.#owed >= LARGE_FILE && this.#large === undefined
    const kind = isLarge ? ENTRY_LARGE_FILE : ENTRY_TYPES[entry.type]
    this.#head(kind, ENTRY_NUMBERS + names + size, this.#owed)
    this.#numbers(entry, attributes.length)
    this.#text(entry.name)
    this.#text(entry.linkName)
    for (const [name, value] of attributes) {
      this.#u32(name.length)
      this.#u32(value.length)
      this.#text(name)
      this.#length += this.#batch.write(value, this.#length, 'latin1')
    }
    if (!isLarge) return
    this.#flush()
    this.#large = {
      name: entry.name,
      file: new LargeFile({ told: this.#told, say: bytes => this.#out.write(bytes) }, this.#ended),
      behind: [],
      isWhole: false,
    }
  }

  data(chunk: Uint8Array): void {
    this.#owed -= chunk.length
    if (this.#owed < 0) this.#checkOwed()
    if (this.#large?.isWhole === false) {
      this.#large.file.write(chunk)
      this.#large.isWhole = this.#owed === 0
      return
    }
    if (chunk.length >= LARGE) {
      this.#flush()
      this.#send(chunk)
      return
    }
    this.#room(chunk.length)
    this.#batch.set(chunk, this.#length)
    this.#length += chunk.length
  }

  async take(next: NextBytes): Promise<TakenContent | undefined> {
    const large = this.#large
    if (large === undefined || large.isWhole) return undefined
    try {
      const taken = await large.file.take(next, this.#owed)
      this.#owed -= taken.count
      large.isWhole = this.#owed === 0
      return taken
    } catch (error) {
      throw this.#failure ?? this.#failureOf(error, large.name)
    }
  }

  folderTime({ name, mtime, nanoseconds }: Pick<UnpackEntry, 'name' | 'mtime' | 'nanoseconds'>): void {
    const none = { mode: 0, uid: 0, gid: 0, devMajor: 0, devMinor: 0, linkName: '' }
    this.#checkOwed()
    this.#room(ENTRY_HEAD + ENTRY_NUMBERS + name.length + 2)
    this.#head(ENTRY_FOLDER_TIME, ENTRY_NUMBERS + name.length + 2, 0)
    this.#numbers({ ...none, name, mtime, nanoseconds }, 0)
    this.#text(name)
    this.#text('')
  }

  async ready(): Promise<void> {
    this.#flush()
    if (this.#large !== undefined) await this.#writeLarge()
    if (this.#isFull && this.#failure === undefined && !this.#out.destroyed) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    this.#isFull = false
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Says that the archive is whole; nothing may be waiting any more, which `ready` has seen to. */
  end(): void {
    this.#checkOwed()
    this.#room(ENTRY_HEAD)
    this.#head(ENTRY_END, 0, 0)
    this.#flush()
  }

  /** Lets go of an archive that will not become whole. */
  destroy(): void {
    this.#large?.file.destroy()
  }

  /** Once the file is whole the program gets to know it, and what comes behind. */
  async #writeLarge(): Promise<void> {
    const large = this.#large
    if (large === undefined) return
    try {
      await (large.isWhole ? large.file.end() : large.file.room())
    } catch (error) {
      throw this.#failure ?? this.#failureOf(error, large.name)
    }
    if (!large.isWhole) return
    this.#large = undefined
    for (const bytes of [WHOLE, ...large.behind]) this.#send(bytes)
  }

  #checkOwed(): void {
    if (this.#owed === 0) return
    throw failure({
      code: 'NATIVE_PROGRAM_INVALID',
      summary: `A file of an archive got ${this.#owed < 0 ? 'more' : 'less'} content than its size`,
    })
  }

  #head(kind: number, length: number, size: number): void {
    this.#u32(kind)
    this.#u32(length)
    this.#length = this.#batch.writeBigUInt64LE(BigInt(size), this.#length)
  }

  #numbers(entry: Omit<UnpackEntry, 'type' | 'size' | 'xattrs'>, attributes: number): void {
    this.#u32(entry.mode)
    this.#u32(entry.uid)
    this.#u32(entry.gid)
    this.#u32(entry.devMajor)
    this.#u32(entry.devMinor)
    this.#u32(entry.nanoseconds)
    this.#length = this.#batch.writeBigInt64LE(BigInt(entry.mtime), this.#length)
    this.#u32(entry.name.length)
    this.#u32(entry.linkName.length)
    this.#u32(attributes)
  }

  #u32(value: number): void {
    this.#length = this.#batch.writeUInt32LE(value >>> 0, this.#length)
  }

  /** Raw bytes and a NUL. */
  #text(value: string): void {
    this.#length += this.#batch.write(value, this.#length, 'latin1')
    this.#length = this.#batch.writeUInt8(0, this.#length)
  }

  #room(size: number): void {
    if (this.#length + size <= this.#batch.length) return
    this.#flush()
    if (size > this.#batch.length) this.#batch = Buffer.allocUnsafe(size)
  }

  #flush(): void {
    if (this.#length === 0) return
    this.#send(this.#batch.subarray(0, this.#length))
    this.#batch = Buffer.allocUnsafe(BATCH)
    this.#length = 0
  }

  #send(bytes: Uint8Array): void {
    if (this.#large === undefined) this.#isFull = !this.#out.write(bytes) || this.#isFull
    else this.#large.behind.push(bytes)
  }
}
