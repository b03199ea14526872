import type { Socket } from 'node:net'
import { type DnsQuestion, type LostQuestions, parseDnsLine } from './dns-line.ts'
import { failureOf } from './failure.ts'
import { encodeFrame } from './frames.ts'
import { monitorGone, openSocket } from './monitor-connection.ts'
import { FRAME_HEAD, REQUEST } from './monitor-protocol.ts'
import { decodeReply, type Reply } from './reply.ts'

/** Longest line that a relay writes, with some room. */
const LINE_MAX = 8192

/**
 * The questions of a container, as its relay answers them, from now on; ends with the relay. The relay is not trusted: what
 * is no line of its log is left out. Fails with what the monitor says, of errno ENOTCONN where the container has no resolver
 * of ours and EAGAIN where the relay is just made anew.
 */
export async function followDns(
  socketPath: string,
  signal: AbortSignal,
): Promise<AsyncIterable<DnsQuestion | LostQuestions>> {
  const socket = await openSocket(socketPath)
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  if (signal.aborted) socket.destroy()
  socket.write(encodeFrame(REQUEST.dnsLog, Buffer.alloc(0)))
  const chunks = chunksOf(socket)
  const { reply, rest } = await readAnswer(chunks)
  if (reply.errno !== 0) {
    socket.destroy()
    throw failureOf({}, reply)
  }
  return questionsOf(chunks, rest)
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

async function* questionsOf(
  chunks: AsyncIterable<Buffer>,
  rest: Buffer,
): AsyncGenerator<DnsQuestion | LostQuestions, void, undefined> {
  let text = rest.toString('latin1')
  yield* whole(text)
  for await (const chunk of chunks) {
    text = text.slice(text.lastIndexOf('\n') + 1).slice(-LINE_MAX) + chunk.toString('latin1')
    yield* whole(text)
  }
}

const whole = (text: string): (DnsQuestion | LostQuestions)[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap(line => parseDnsLine(line) ?? [])
