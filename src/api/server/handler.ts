import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { BodyOf, ParamsOf, QueryOf, ResultOf, ROUTES, RouteName } from '../routes.ts'
import type {
  AttachSession,
  ContainerWaiter,
  LogStream,
  PathStat,
  ProgressMessage,
  UploadedTar,
} from '../types/index.ts'

/** A request as a handler sees it: decoded, with the types that its row of the route table says. */
export interface ApiRequest<N extends RouteName> {
  readonly params: ParamsOf<N>
  readonly query: QueryOf<N>
  readonly body: BodyOf<N>
  readonly headers: IncomingHttpHeaders
  /** Which connection it came by: the same object for all requests of one. */
  readonly connection: object
  /** The body of a route that takes a tar, already decompressed. */
  readonly tar: UploadedTar
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

/** A tar to send, with the stat of what is in it. */
export interface TarAnswer {
  readonly tar: Readable
  readonly stat?: PathStat
  /** Is told of each chunk when nobody reads it any more. */
  readonly onSent?: (chunk: Uint8Array) => void
}

/** A session to pump. `undefined` in its place (a detached exec) is an answer without a body. */
export interface AttachAnswer {
  /** Raw bytes instead of frames; the head of the answer says it, before there is a session. */
  readonly tty: boolean
  /** Gives the session, once the client's connection has taken the head. It does not fail: no status can tell why any more. */
  readonly join: () => Promise<AttachSession>
  /** The content type does not say whether there are frames: versions of the API before 1.42. */
  readonly untyped?: true
  /** All is in frames, also of a terminal, and this is told among them: before the output, and behind it where that was whole. */
  readonly told?: { readonly first: object; readonly last: () => Promise<object> }
  /** The bytes that detach from a terminal; absent: Ctrl-P Ctrl-Q. */
  readonly detachKeys?: readonly number[]
}

/** What becomes of a connection that has left HTTP: resolves when it has ended. */
export interface UpgradeAnswer {
  readonly protocol: string
  readonly serve: (connection: Duplex) => Promise<void>
}

/** A log to send. */
export interface LogAnswer {
  readonly log: LogStream
  readonly timestamps: boolean
  /** Before each line what its log's options say of the container. */
  readonly details: boolean
  /** As in an `AttachAnswer`. */
  readonly untyped?: true
}

interface Answers<R> {
  readonly empty: undefined
  readonly json: R
  readonly text: string
  readonly tar: TarAnswer
  readonly stat: PathStat
  readonly wait: ContainerWaiter
  readonly lines: AsyncIterable<R>
  readonly progress: AsyncIterable<ProgressMessage>
  readonly log: LogAnswer
  readonly attach: AttachAnswer | undefined
  readonly webSocket: AttachAnswer
  readonly upgrade: UpgradeAnswer
}

/** What a handler gives for its route. */
export type AnswerOf<N extends RouteName> = Answers<ResultOf<N>>[(typeof ROUTES)[N]['answer']]

/** Does what a route says: decoded request in, answer out. Knows no HTTP. */
export type Handler<N extends RouteName> = (request: ApiRequest<N>) => Promise<AnswerOf<N>>

/** The handlers of some routes; of all of them, if nothing is named. */
export type Handlers<N extends RouteName = RouteName> = { readonly [K in N]: Handler<K> }
