import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import { type Codec, codecOf, type Decoded, type Encodable, type MessageName } from '../proto/messages.ts'
import { Canceled, isInternal, serviceError } from './error.ts'

/** What a method knows of its call besides the request. */
export interface Call {
  /** Values of the request's metadata by a name in small letters. */
  metadata(name: string): readonly string[]
  /** Aborted with `Canceled` when the client has given up or gone. */
  readonly signal: AbortSignal
}

/** A method of a service, made by one of the functions below. */
export interface Method {
  readonly definition: Omit<ServiceDefinition[string], 'path'>
  readonly handle: (report: Report) => UntypedHandleCall
}

/** Told of failures of our own making. */
export type Report = (error: unknown) => void

/** One request, one answer. */
export function unary<Q extends MessageName, A extends MessageName>(
  request: Q,
  answer: A,
  work: (request: Decoded<Q>, call: Call) => Promise<Encodable<A>>,
): Method {
  const handle =
    (report: Report): handleUnaryCall<Decoded<Q>, Encodable<A>> =>
    (call, callback) => {
      work(call.request, callOf(call)).then(
        value => callback(null, value),
        error => {
          if (isInternal(error)) report(error)
          callback(serviceError(error))
        },
      )
    }
  return { definition: definitionOf(codecOf(request), codecOf(answer), [false, false]), handle }
}

/** One request, many answers: with backpressure, until the iteration ends or the client has gone. */
export function streaming<Q extends MessageName, A extends MessageName>(
  request: Q,
  answer: A,
  work: (request: Decoded<Q>, call: Call) => AsyncIterable<Encodable<A>>,
  head?: () => Readonly<Record<string, string>>,
): Method {
  const handle =
    (report: Report): handleServerStreamingCall<Decoded<Q>, Encodable<A>> =>
    async stream => {
      const call = callOf(stream)
      try {
        if (head !== undefined) {
          const metadata = new Metadata()
          for (const [name, value] of Object.entries(head())) metadata.set(name, value)
          stream.sendMetadata(metadata)
        }
        for await (const value of work(stream.request, call)) {
          call.signal.throwIfAborted()
          if (!stream.write(value)) await drained(stream, call.signal)
        }
        stream.end()
      } catch (error) {
        if (call.signal.aborted) return
        if (isInternal(error)) report(error)
        stream.emit('error', serviceError(error))
      }
    }
  return { definition: definitionOf(codecOf(request), codecOf(answer), [false, true]), handle }
}

/** Bytes in both directions, in messages of one kind. */
export function both<M extends MessageName>(
  message: M,
  work: (stream: ServerDuplexStream<Decoded<M>, Encodable<M>>, call: Call) => Promise<void>,
): Method {
  const handle =
    (report: Report): handleBidiStreamingCall<Decoded<M>, Encodable<M>> =>
    stream => {
      work(stream, callOf(stream)).catch((error: unknown) => {
        if (isInternal(error)) report(error)
        stream.emit('error', serviceError(error))
      })
    }
  return { definition: definitionOf(codecOf(message), codecOf(message), [true, true]), handle }
}

/** Adds a service to a server, under its full name. */
export function addService(
  server: Server,
  name: string,
  methods: Readonly<Record<string, Method>>,
  report: Report,
): void {
  const named = Object.entries(methods)
  server.addService(
    Object.fromEntries(
      named.map(([method, { definition }]) => [method, { ...definition, path: `/${name}/${method}` }]),
    ),
    Object.fromEntries(named.map(([method, { handle }]) => [method, handle(report)])),
  )
}

function definitionOf<Q extends MessageName, A extends MessageName>(
  request: Codec<Q>,
  answer: Codec<A>,
  [requestStream, responseStream]: readonly [boolean, boolean],
): Method['definition'] {
  return {
    requestStream,
    responseStream,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: bytes => request.decode(bytes),
    responseSerialize: value => answer.encode(value),
    responseDeserialize: () => undefined,
  }
}

function callOf(call: Pick<ServerUnaryCall<unknown, unknown>, 'metadata'> & NodeJS.EventEmitter): Call {
  const controller = new AbortController()
  call.on('cancelled', () => controller.abort(new Canceled()))
  return {
    metadata: name => call.metadata.get(name).map(String),
    signal: controller.signal,
  }
}

function drained(stream: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(signal.reason)
    signal.addEventListener('abort', gone, { once: true })
    stream.once('drain', () => {
      signal.removeEventListener('abort', gone)
      resolve()
    })
  })
}
