import type { Duplex } from 'node:stream'
import type { CallMetadata, ClientCall } from '../grpc/channel.ts'
import { Channel } from '../grpc/channel.ts'
import { StatusFailure } from '../grpc/error.ts'
import type { Decoded, Encodable, MessageName } from '../proto/messages.ts'

const UNIMPLEMENTED = 12

/** What a client says of its session. */
export interface SessionHead {
  readonly id: string
  /** What its folders are called beyond this session; may be empty. */
  readonly sharedKey: string
  /** Paths of the methods that it serves. */
  readonly methods: readonly string[]
}

/** A client that we call: it serves its files, secrets and credentials. */
export class Session {
  readonly id: string
  readonly sharedKey: string
  readonly #methods: ReadonlySet<string>
  readonly #channel: Channel

  constructor(head: SessionHead, connection: Duplex) {
    this.id = head.id
    this.sharedKey = head.sharedKey
    this.#methods = new Set(head.methods.map(method => method.toLowerCase()))
    this.#channel = new Channel(connection)
  }

  /** Aborted when the client has gone. */
  get gone(): AbortSignal {
    return this.#channel.gone
  }

  serves(path: string): boolean {
    return this.#methods.has(path.toLowerCase())
  }

  /** Raises StatusFailure, UNIMPLEMENTED for what it does not serve. */
  async ask<Q extends MessageName, A extends MessageName>(
    path: string,
    messages: readonly [Q, A],
    message: Encodable<Q>,
    metadata?: CallMetadata,
  ): Promise<Decoded<A>> {
    this.#check(path)
    return await this.#channel.ask(path, messages, message, metadata)
  }

  call<S extends MessageName, R extends MessageName>(
    path: string,
    messages: readonly [S, R],
    metadata: CallMetadata,
    signal?: AbortSignal,
  ): ClientCall<S, R> {
    this.#check(path)
    return this.#channel.call(path, messages, metadata, signal)
  }

  close(): void {
    this.#channel.close()
  }

  #check(path: string): void {
    if (!this.serves(path))
      throw new StatusFailure({ code: UNIMPLEMENTED, message: `the client does not serve ${path}` })
  }
}
