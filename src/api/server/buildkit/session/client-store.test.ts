import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { frame, messagesIn } from '../grpc/frames.ts'
import { codecOf, type Encodable, type MessageName } from '../proto/messages.ts'
import { clientStore } from './client-store.ts'
import { Session } from './session.ts'

const CONTENT = '/containerd.services.content.v1.Content'
const signal = new AbortController().signal

/** What a client has: blobs, and half blobs by the references that they are written under. */
let blobs: Map<string, Buffer>
let halves: Map<string, Buffer>
/** Stores that were asked for. */
let asked: Set<string>
let server: Http2Server
let session: Session

beforeEach(async () => {
  blobs = new Map()
  halves = new Map()
  asked = new Set()
  server = createServer()
  server.on('stream', (stream, headers) => {
    asked.add(Buffer.from(String(headers['buildkit-attachable-store-id']), 'latin1').toString())
    stream.on('error', () => undefined)
    void serve(stream, String(headers[':path']).slice(CONTENT.length + 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(connection, 'connect')
  const methods = ['Info', 'Read', 'Write', 'Abort'].map(name => `${CONTENT}/${name}`)
  session = new Session({ id: 'x', sharedKey: '', methods }, connection)
})
afterEach(() => {
  session.close()
  server.close()
})

/** containerd's service over a folder, as buildx has it. */
async function serve(stream: ServerHttp2Stream, method: string): Promise<void> {
  let status = 0
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }))
  const answer = <N extends MessageName>(name: N, message: Encodable<N>): void => {
    stream.write(frame(codecOf(name).encode(message)))
  }
  try {
    for await (const bytes of messagesIn(stream.iterator({ destroyOnReturn: false }), 4 * 1024 * 1024)) {
      if (method === 'Write') status = written(bytes, answer)
      else if (method === 'Abort') halves.delete(codecOf('ContentAbortRequest').decode(bytes).ref)
      else status = given(method, bytes, answer)
      if (method === 'Abort') answer('ContentAbortResponse', {})
      if (status !== 0) break
    }
    stream.end()
  } catch {
    // The call was broken off.
  }
}

type Answer = <N extends MessageName>(name: N, message: Encodable<N>) => void

function given(method: string, bytes: Buffer, answer: Answer): number {
  const { digest, offset, size } = codecOf('ContentReadRequest').decode(bytes)
  const blob = blobs.get(digest)
  if (blob === undefined) return 5
  if (method === 'Info') answer('ContentInfoResponse', { info: { digest, size: blob.length } })
  else for (const at of [0, 1]) answer('ContentReadResponse', { offset: at, data: pieceOf(blob, at) })
  expect([offset, method === 'Info' ? 0 : size]).toEqual([0, method === 'Info' ? 0 : blob.length])
  return 0
}

function pieceOf(blob: Buffer, at: number): Buffer {
  return at === 0 ? blob.subarray(0, 1) : blob.subarray(1)
}

function written(bytes: Buffer, answer: Answer): number {
  const { action, ref, total, expected, offset, data } = codecOf('ContentWriteRequest').decode(bytes)
  const half = halves.get(ref) ?? Buffer.alloc(0)
  if (offset !== half.length) return 11
  halves.set(ref, Buffer.concat([half, Buffer.from(data)]))
  if (action === 2) {
    if (total !== half.length || digestOf(half) !== expected) return 9
    halves.delete(ref)
    if (blobs.has(expected)) return 6
    blobs.set(expected, half)
  }
  answer('ContentWriteResponse', { action, offset: offset + data.length })
  return 0
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

const store = (): ReturnType<typeof clientStore> => clientStore(async () => session, 'local:/of/ä')

async function* pieces(...all: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* all
}

test('a blob that is written is there by its digest, whatever the size of its pieces', async () => {
  const [small, large] = [Buffer.from('small'), Buffer.alloc(2_500_000, 7)]
  const all = Buffer.concat([small, large])
  const blob = { digest: digestOf(all), size: all.length }
  expect(await store().size(blob.digest)).toBeUndefined()
  expect(await store().write(pieces(small, large), signal)).toEqual(blob)
  expect(await store().size(blob.digest)).toBe(all.length)
  const read: Buffer[] = []
  for await (const piece of store().read(blob, signal)) read.push(piece)
  expect(Buffer.concat(read).equals(all)).toBe(true)
  expect([...asked]).toEqual(['local:/of/ä'])
})

test('one that is there already is none too many', async () => {
  const bytes = Buffer.from('twice')
  await store().write(pieces(bytes), signal)
  expect(await store().write(pieces(bytes), signal)).toEqual({ digest: digestOf(bytes), size: 5 })
  expect(halves.size).toBe(0)
})

test('of one that breaks off the client keeps nothing', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('half')
    expect(halves.size).toBe(1)
    throw new Error('of the disk')
  }
  await expect(store().write(broken(), signal)).rejects.toThrow('of the disk')
  expect([halves.size, blobs.size]).toEqual([0, 0])
})

test('one that is not there cannot be read', async () => {
  const reading = store().read({ digest: digestOf(Buffer.alloc(0)), size: 1 }, signal)
  await expect(reading[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'CLIENT_STORE' })
})
