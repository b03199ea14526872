import type { ClientCall } from '../grpc/channel.ts'
import { writeFileMode } from './file-mode.ts'
import { PACKET } from './listing.ts'
import type { Session } from './session.ts'

/** Where a client takes what a build made. */
const FILE_SEND = '/moby.filesync.v1.FileSend/DiffCopy'

/** Bytes of a file in one packet. */
const PIECE = 32 * 1024

/** A file, folder or link to send; a folder before what is in it, names in the order of their bytes. */
export interface SentEntry {
  /** Relative; raw bytes as latin1 text, as the link. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'symlink'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  readonly link: string
  /** The bytes of a file. */
  readonly open: () => AsyncIterable<Uint8Array>
}

/** Sends a stream of bytes to the client's output of that number; resolves when it has taken all. */
export async function sendBytes(
  session: Session,
  exporter: number,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const call = session.call(FILE_SEND, ['BytesMessage', 'BytesMessage'], idOf(exporter), signal)
  try {
    for await (const data of chunks) await call.send({ data })
    call.finish()
    for await (const _message of call.messages);
  } catch (error) {
    call.cancel()
    throw error
  }
}

/** Sends a tree, file by file as the client asks for them; resolves when it has all. Tells of the bytes sent. */
export async function sendTree(
  session: Session,
  exporter: number,
  entries: AsyncIterable<SentEntry>,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
): Promise<void> {
  const call = session.call(FILE_SEND, ['Packet', 'Packet'], idOf(exporter), signal)
  const listed: SentEntry[] = []
  let unlisted: unknown
  const listing = sendListing(call, entries, listed).catch((error: unknown) => {
    unlisted = error
    call.cancel()
  })
  try {
    const wanted: number[] = []
    for await (const packet of call.messages) {
      if (packet.type === PACKET.request) wanted.push(packet.ID)
      if (packet.type === PACKET.error) throw new Error(Buffer.from(packet.data).toString('utf8'))
      for (let id = wanted.shift(); id !== undefined; id = wanted.shift())
        await sendFile(call, id, listed[id], onBytes)
      if (packet.type !== PACKET.end) continue
      await listing
      await call.send({ type: PACKET.end })
      call.finish()
    }
  } catch (error) {
    const cause = unlisted ?? error
    call.cancel()
    throw cause
  }
}

function idOf(exporter: number): Readonly<Record<string, string>> {
  return exporter === 0 ? {} : { 'buildkit-attachable-exporter-id': String(exporter) }
}

type Call = ClientCall<'Packet', 'Packet'>

async function sendListing(
  call: Call,
  entries: AsyncIterable<SentEntry>,
  listed: SentEntry[],
): Promise<void> {
  for await (const entry of entries) {
    listed.push(entry)
    const { path, kind, mode, uid, gid, size, mtime, link } = entry
    const stat = {
      path: Buffer.from(path, 'latin1'),
      mode: writeFileMode(kind, mode),
      uid,
      gid,
      size: kind === 'file' ? size : 0,
      modTime: Math.floor(mtime / 1000) * 1e9,
      linkname: Buffer.from(link, 'latin1'),
    }
    await call.send({ type: PACKET.stat, stat })
  }
  await call.send({})
}

async function sendFile(
  call: Call,
  ID: number,
  entry: SentEntry | undefined,
  onBytes: (count: number) => void,
): Promise<void> {
  if (entry === undefined) throw new Error(`the client asked for the file ${ID}, which is none`)
  for await (const chunk of entry.open())
    for (let at = 0; at < chunk.length; at += PIECE) {
      const data = chunk.subarray(at, at + PIECE)
      onBytes(data.length)
      await call.send({ type: PACKET.data, ID, data })
    }
  await call.send({ type: PACKET.data, ID })
}
