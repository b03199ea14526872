import type { Socket } from 'node:net'
import { failureOf } from './failure.ts'
import { encodeFrame } from './frames.ts'
import { monitorGone, openSocket } from './monitor-connection.ts'
import { FRAME_HEAD, type REQUEST } from './monitor-protocol.ts'
import { decodeReply, type Reply } from './reply.ts'

/**
 * What a container's relay writes to who asks its monitor for that, until the relay ends, ends it, or the signal aborts. Fails with what the monitor says,
 * of errno ENOTCONN where the container has no resolver of ours and EAGAIN where the relay is just made anew.
 */
export async function readRelay(
  socketPath: string,
  request: (typeof REQUEST)['dnsLog' | 'refusedNames'],
  signal?: AbortSignal,
): Promise<AsyncGenerator<Buffer, void, undefined>> {
  const socket = await openSocket(socketPath)
  signal?.addEventListener('abort', () => socket.destroy(), { once: true })
  if (signal?.aborted) socket.destroy()
  socket.write(encodeFrame(request, Buffer.alloc(0)))
  const chunks = chunksOf(socket)
  const { reply, rest } = await readAnswer(chunks)
  if (reply.errno !== 0) {
    socket.destroy()
    throw failureOf({}, reply)
  }
  return behind(rest, chunks)
}

/** What comes, until the connection ends: with the relay, with its container, or with who asked. */
async function* chunksOf(socket: Socket): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* socket
  } catch (error) {
    if (!socket.destroyed) throw error
  }
}

/** The monitor's answer, and the bytes of the relay's that came with it. */
async function readAnswer(
  chunks: AsyncGenerator<Buffer, void, undefined>,
): Promise<{ readonly reply: Reply; readonly rest: Buffer }> {
  let bytes = Buffer.alloc(0)
  while (bytes.length < FRAME_HEAD || bytes.length < FRAME_HEAD + bytes.readUInt32LE(4)) {
    const { value, done } = await chunks.next()
    if (done === true || value === undefined) throw monitorGone()
    bytes = Buffer.concat([bytes, value])
  }
  const end = FRAME_HEAD + bytes.readUInt32LE(4)
  return { reply: decodeReply(bytes.subarray(FRAME_HEAD, end)), rest: bytes.subarray(end) }
}

async function* behind(
  rest: Buffer,
  chunks: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  yield rest
  yield* chunks
}
