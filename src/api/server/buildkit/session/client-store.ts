import { createHash, randomUUID } from 'node:crypto'
import { failure } from '../../../../diagnostics/index.ts'
import type { ClientBlob, ClientStore } from '../../../backend/build-client.ts'
import type { ClientCall } from '../grpc/channel.ts'
import { StatusFailure } from '../grpc/error.ts'
import type { Decoded } from '../proto/messages.ts'
import type { Session } from './session.ts'

const CONTENT = '/containerd.services.content.v1.Content'
/** Which of the client's stores is meant. */
const STORE = 'buildkit-attachable-store-id'
/** What a message of a write asks for. */
const ACTION = { begin: 0, write: 1, commit: 2 } as const
/** Bytes of one message: the client takes 4 MiB. */
const PIECE = 1024 * 1024
const NOT_FOUND = 5
const ALREADY_EXISTS = 6

type Metadata = Readonly<Record<string, string>>
type Answers = AsyncIterator<Decoded<'ContentWriteResponse'>>
type Write = ClientCall<'ContentWriteRequest', 'ContentWriteResponse'>

/** A store of blobs on a client's session (`containerd.services.content.v1.Content`). */
export function clientStore(sessionOf: () => Promise<Session>, id: string): ClientStore {
  // Headers are bytes, and names of folders may be any.
  const metadata = { [STORE]: Buffer.from(id).toString('latin1') }
  return {
    size: async digest => {
      const session = await sessionOf()
      const names = ['ContentInfoRequest', 'ContentInfoResponse'] as const
      try {
        return (await session.ask(`${CONTENT}/Info`, names, { digest }, metadata)).info?.size
      } catch (error) {
        if (hasCode(error, NOT_FOUND)) return undefined
        throw unreadable(id, error)
      }
    },
    read: (blob, signal) => readBlob(sessionOf, { id, metadata, blob }, signal),
    write: async (bytes, signal) => await writeBlob(await sessionOf(), metadata, bytes, signal),
  }
}

async function* readBlob(
  sessionOf: () => Promise<Session>,
  { id, metadata, blob }: { readonly id: string; readonly metadata: Metadata; readonly blob: ClientBlob },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const session = await sessionOf()
  const names = ['ContentReadRequest', 'ContentReadResponse'] as const
  try {
    const call = session.call(`${CONTENT}/Read`, names, metadata, signal)
    await call.send(blob)
    call.finish()
    for await (const { data } of call.messages)
      if (data.length > 0) yield Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  } catch (error) {
    signal.throwIfAborted()
    throw unreadable(id, error)
  }
}

/** What is written has no name before it is whole: then it is called by its digest. */
async function writeBlob(
  session: Session,
  metadata: Metadata,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<ClientBlob> {
  const ref = `tscompose-${randomUUID()}`
  const names = ['ContentWriteRequest', 'ContentWriteResponse'] as const
  const call = session.call(`${CONTENT}/Write`, names, metadata, signal)
  const answers = call.messages[Symbol.asyncIterator]()
  try {
    await call.send({ action: ACTION.begin, ref })
    await answers.next()
    const blob = await sendPieces(call, answers, ref, bytes)
    await commit(call, answers, ref, blob)
    return blob
  } catch (error) {
    call.cancel()
    await forget(session, metadata, ref)
    throw error
  }
}

/** One after the other, each when the one before it was taken. */
async function sendPieces(
  call: Write,
  answers: Answers,
  ref: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<ClientBlob> {
  const hash = createHash('sha256')
  let offset = 0
  for await (const chunk of bytes) {
    hash.update(chunk)
    for (let at = 0; at < chunk.length; at += PIECE) {
      const data = chunk.subarray(at, at + PIECE)
      await call.send({ action: ACTION.write, ref, offset, data })
      await answers.next()
      offset += data.length
    }
  }
  return { digest: `sha256:${hash.digest('hex')}`, size: offset }
}

/** Gives what was written its name, under which the same may be there already. */
async function commit(call: Write, answers: Answers, ref: string, blob: ClientBlob): Promise<void> {
  const { digest: expected, size: total } = blob
  try {
    await call.send({ action: ACTION.commit, ref, total, expected, offset: total })
    await answers.next()
    call.finish()
    await answers.next()
  } catch (error) {
    if (!hasCode(error, ALREADY_EXISTS)) throw error
  }
}

/** Has the client remove what came of a blob that will not be whole, if it is still there to do it. */
async function forget(session: Session, metadata: Metadata, ref: string): Promise<void> {
  const names = ['ContentAbortRequest', 'ContentAbortResponse'] as const
  try {
    await session.ask(`${CONTENT}/Abort`, names, { ref }, metadata)
  } catch (error) {
    if (!(error instanceof StatusFailure)) throw error
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof StatusFailure && error.status.code === code
}

function unreadable(id: string, error: unknown): unknown {
  if (!(error instanceof StatusFailure)) return error
  return failure({
    code: 'CLIENT_STORE',
    kind: 'unavailable',
    summary: `the client's store "${id}" cannot be read: ${error.message}`,
    cause: error,
  })
}
