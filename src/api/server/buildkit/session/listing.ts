import { failure } from '../../../../diagnostics/index.ts'
import type { FolderEntry, FolderListing } from '../../../backend/build-client.ts'
import type { ClientCall } from '../grpc/channel.ts'
import type { Decoded } from '../proto/messages.ts'
import { readFileMode } from './file-mode.ts'

/** Kinds of packets, of fsutil's wire.proto. */
export const PACKET = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const

/** Bytes of files that are asked for before the one that is read has come: a way there and back each would be slow. */
const AHEAD = 8 * 1024 * 1024
const FILES_AHEAD = 256

/** A file's time is trusted to change with its content when it is as old; the kernel's clock has steps, the client's is its own. */
const SETTLED_MS = 2000

type Call = ClientCall<'Packet', 'Packet'>
type Packet = Decoded<'Packet'>

/** A transfer of fsutil's, as its receiver: first all entries, then what is asked for. */
export class ReceivedListing implements FolderListing {
  readonly identity: string
  readonly entries: readonly FolderEntry[]
  readonly #call: Call
  readonly #packets: AsyncIterator<Packet>
  /** Numbers of the entries at the other side. */
  readonly #ids: readonly number[]
  readonly #waiting = new Map<number, Uint8Array[]>()
  readonly #complete = new Set<number>()

  private constructor(identity: string, call: Call, packets: AsyncIterator<Packet>, listed: Listed) {
    this.identity = identity
    this.entries = listed.entries
    this.#call = call
    this.#packets = packets
    this.#ids = listed.ids
  }

  /** Reads the entries. Raises StatusFailure, and SESSION_PROTOCOL for what is none. */
  static async receive(identity: string, call: Call): Promise<ReceivedListing> {
    const packets = call.messages[Symbol.asyncIterator]()
    try {
      return new ReceivedListing(identity, call, packets, await readEntries(packets))
    } catch (error) {
      call.cancel()
      throw error
    }
  }

  async *contents(
    places: readonly number[],
  ): AsyncGenerator<{ readonly entry: FolderEntry; readonly bytes: AsyncIterable<Uint8Array> }> {
    let asked = 0
    let ahead = 0
    const sizeAt = (position: number): number => this.entries[places[position] ?? -1]?.size ?? 0
    for (const [position, place] of places.entries()) {
      while (
        asked < places.length &&
        (asked <= position || (ahead + sizeAt(asked) <= AHEAD && asked - position < FILES_AHEAD))
      ) {
        ahead += sizeAt(asked)
        await this.#ask(places[asked] ?? -1)
        asked += 1
      }
      const entry = this.entries[place]
      if (entry === undefined) continue
      yield { entry, bytes: this.#bytesOf(place) }
      ahead -= entry.size
    }
  }

  async end(): Promise<void> {
    try {
      await this.#call.send({ type: PACKET.end })
      for (let next = await this.#packets.next(); next.done !== true; next = await this.#packets.next())
        if (next.value.type === PACKET.end) this.#call.finish()
    } catch {
      // What went wrong was told by whoever wanted the files; nobody wants more.
    } finally {
      this.#call.cancel()
    }
  }

  async #ask(place: number): Promise<void> {
    // Of an empty file all has come.
    if (this.entries[place]?.size === 0) this.#complete.add(this.#ids[place] ?? -1)
    else await this.#call.send({ type: PACKET.request, ID: this.#ids[place] ?? 0 })
  }

  async *#bytesOf(place: number): AsyncGenerator<Uint8Array> {
    const id = this.#ids[place] ?? -1
    for (;;) {
      for (let chunk = this.#take(id); chunk !== undefined; chunk = this.#take(id)) yield chunk
      if (this.#complete.delete(id)) {
        this.#waiting.delete(id)
        return
      }
      const packet = await nextPacket(this.#packets)
      if (packet.type !== PACKET.data) throw wrongPacket(packet.type)
      if (packet.data.length === 0) this.#complete.add(packet.ID)
      else this.#waiting.set(packet.ID, [...(this.#waiting.get(packet.ID) ?? []), packet.data])
    }
  }

  #take(id: number): Uint8Array | undefined {
    return this.#waiting.get(id)?.shift()
  }
}

interface Listed {
  readonly entries: readonly FolderEntry[]
  readonly ids: readonly number[]
}

async function readEntries(packets: AsyncIterator<Packet>): Promise<Listed> {
  const entries: FolderEntry[] = []
  const ids: number[] = []
  const files = new Map<string, FolderEntry>()
  const trustedBefore = (Date.now() - SETTLED_MS) * 1e6
  for (let id = 0; ; id += 1) {
    const { type, stat } = await nextPacket(packets)
    if (type !== PACKET.stat) throw wrongPacket(type)
    if (stat === null) return { entries, ids }
    const entry = entryOf(stat, files, trustedBefore)
    if (entry === undefined) continue
    entries.push(entry)
    ids.push(id)
    if (entry.type === 'file') files.set(entry.name, entry)
  }
}

function entryOf(
  stat: Decoded<'Stat'>,
  files: ReadonlyMap<string, FolderEntry>,
  trustedBefore: number,
): FolderEntry | undefined {
  const mode = readFileMode(stat.mode)
  if (mode === undefined) return undefined
  const first =
    mode.kind === 'file' && stat.linkname.length > 0 ? files.get(latin1(stat.linkname)) : undefined
  return {
    name: latin1(stat.path),
    type: first === undefined ? mode.kind : 'link',
    mode: mode.permissions,
    mtime: Math.floor(stat.modTime / 1e9),
    size: mode.kind === 'file' && first === undefined ? stat.size : 0,
    stamp: stampOf(stat.modTime, trustedBefore),
    link: mode.kind === 'symlink' ? latin1(stat.linkname) : (first?.name ?? ''),
  }
}

/**
 * Time is all that is told of a content besides its size. Times in whole seconds are set rather than kept by a kernel (archives do
 * it), and one that is new may cover a further change: neither says that a content is the same.
 */
function stampOf(modTime: number, trustedBefore: number): string {
  return modTime % 1e9 === 0 || modTime > trustedBefore ? '' : String(modTime)
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

async function nextPacket(packets: AsyncIterator<Packet>): Promise<Packet> {
  const next = await packets.next()
  if (next.done === true) throw protocol('the transfer ended before its time')
  const packet = next.value
  if (packet.type === PACKET.error) throw protocol(Buffer.from(packet.data).toString('utf8'))
  return packet
}

function wrongPacket(type: number): Error {
  return protocol(`a packet of type ${type} came out of turn`)
}

function protocol(detail: string): Error {
  return failure({
    code: 'SESSION_PROTOCOL',
    kind: 'invalidArgument',
    summary: `the client's files did not come: ${detail}`,
  })
}
