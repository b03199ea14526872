import { Duplex } from 'node:stream'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { Call } from '../grpc/service.ts'
import type { Decoded, Encodable } from '../proto/messages.ts'
import { sessionHead } from './head.ts'
import type { Sessions } from './sessions.ts'

type Stream = ServerDuplexStream<Decoded<'BytesMessage'>, Encodable<'BytesMessage'>>

/** A session whose connection is a call: its bytes travel in messages, both ways. */
export async function nestedSession(sessions: Sessions, stream: Stream, call: Call): Promise<void> {
  const head = sessionHead(name => call.metadata(name))
  sessions.check(head.id)
  stream.sendMetadata(stream.metadata)
  const connection = new Duplex({
    read() {
      stream.resume()
    },
    write(data: Buffer, _encoding, done) {
      if (stream.write({ data })) done()
      else stream.once('drain', done)
    },
    final(done) {
      stream.end()
      done()
    },
    destroy(error, done) {
      stream.end()
      done(error)
    },
  })
  stream.on('data', ({ data }: Decoded<'BytesMessage'>) => {
    if (!connection.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength))) stream.pause()
  })
  stream.on('end', () => connection.push(null))
  stream.on('error', () => connection.destroy())
  call.signal.addEventListener('abort', () => connection.destroy(), { once: true })
  connection.on('error', () => undefined)
  await sessions.serve(head, connection)
  stream.end()
}
