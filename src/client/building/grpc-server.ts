import type { Http2Session, ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'

/** Answers a call of a message with a message. */
export type GrpcMethod = (request: Buffer) => Buffer

/** `OK`, `UNIMPLEMENTED` and `INTERNAL` of gRPC's status codes. */
const OK = '0'
const UNIMPLEMENTED = '12'
const INTERNAL = '13'

/** A message's length stands behind a byte that says whether it is compressed. */
const PREFIX = 5

/**
 * Serves gRPC methods that take one message and answer with one, over a connection that the other end made (gRPC over HTTP/2). So
 * little is needed of it that the protocol's own library would be ten times as much to load. `end` ends the session.
 */
export async function serveGrpc(
  connection: Duplex,
  methods: Readonly<Record<string, GrpcMethod>>,
): Promise<{ end(): void }> {
  const { performServerHandshake } = await import('node:http2')
  const session: Http2Session = performServerHandshake(connection)
  // Whoever has called hears of the end of the build by the build.
  session.on('error', () => undefined)
  session.on('stream', (stream: ServerHttp2Stream, headers) => {
    const method = methods[String(headers[':path'])]
    stream.on('error', () => undefined)
    if (method === undefined) refuse(stream, UNIMPLEMENTED)
    else answer(stream, method)
  })
  return {
    end: () => {
      session.destroy()
      connection.destroy()
    },
  }
}

function refuse(stream: ServerHttp2Stream, status: string): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status }
  stream.respond(headers, { endStream: true })
  stream.resume()
}

function answer(stream: ServerHttp2Stream, method: GrpcMethod): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.once('end', () => {
    const message = messageOf(Buffer.concat(chunks))
    if (message === undefined) return refuse(stream, INTERNAL)
    const reply = method(message)
    const prefix = Buffer.alloc(PREFIX)
    prefix.writeUInt32BE(reply.length, 1)
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': OK }))
    stream.end(Buffer.concat([prefix, reply]))
  })
}

/** The one message of a request; undefined for what is none, or compressed. */
function messageOf(bytes: Buffer): Buffer | undefined {
  const isWhole = bytes.length >= PREFIX && bytes[0] === 0 && bytes.readUInt32BE(1) === bytes.length - PREFIX
  return isWhole ? bytes.subarray(PREFIX) : undefined
}
