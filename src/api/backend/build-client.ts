import type { Duplex, Readable } from 'node:stream'
import type { AuthConfig } from '../types/index.ts'

/** What of a folder is wanted. */
export interface FolderChoice {
  /** These paths alone, links followed, and what is beneath them; wildcards are allowed. Absent: all. */
  readonly paths?: readonly string[]
  /** Lines of a `.dockerignore`: what they name does not come. */
  readonly excluded?: readonly string[]
}

/** An entry of a folder that a client has. Names and links are raw bytes as latin1 text. */
export interface FolderEntry {
  readonly name: string
  /** A link is a further name of a file that came before. */
  readonly type: 'file' | 'folder' | 'symlink' | 'link'
  readonly mode: number
  /** Whole seconds since 1970. */
  readonly mtime: number
  readonly size: number
  /** Another one whenever the content may be another; empty: it is never to be trusted to stay. */
  readonly stamp: string
  readonly link: string
}

/** A folder as it was when somebody looked; each file may be asked for once. */
export interface FolderListing {
  /** The same for the same folder, over all builds. */
  readonly identity: string
  /** A folder before what is in it, names sorted by their bytes. */
  readonly entries: readonly FolderEntry[]
  /** The content of files, by their places in `entries`, one after the other as they are asked for; each is read to its end. */
  contents(places: readonly number[]): AsyncIterable<{
    readonly entry: FolderEntry
    readonly bytes: AsyncIterable<Uint8Array>
  }>
  /** Nothing more is wanted. To be called whatever happened. */
  end(): Promise<void>
}

/** A folder of a client. */
export interface FolderSource {
  list(choice: FolderChoice, signal: AbortSignal): Promise<FolderListing>
}

/** A token that a registry has asked for, in the words of its challenge. */
export interface TokenRequest {
  readonly realm: string
  readonly service: string
  readonly scopes: readonly string[]
}

/** A store of blobs that a client has. What it gives is as it says, and nobody has checked it. */
export interface ClientStore {
  /** Bytes of the blob of a digest; undefined where it has none. */
  size(digest: string): Promise<number | undefined>
  /** Raises CLIENT_STORE. */
  read(blob: ClientBlob, signal: AbortSignal): AsyncIterable<Buffer>
  /** Takes a blob, which is there when it has come whole; one that is there already is none too many. */
  write(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ClientBlob>
}

/** A blob of a client's store, by its digest and its bytes. */
export interface ClientBlob {
  readonly digest: string
  readonly size: number
}

/** Whoever asked for a build, as the engine reaches it while it builds. */
export interface BuildClient {
  /** A folder by the client's name for it. */
  folder(name: string): FolderSource
  /** The content of a secret; undefined when there is none of that name. */
  secret(id: string): Promise<Uint8Array | undefined>
  /** Opens connections to an ssh agent; undefined when none was given by that name. */
  agent(id: string): Promise<(() => Duplex) | undefined>
  /** Who the client is to a registry, by the name of its host. */
  credentials(host: string): Promise<AuthConfig | undefined>
  /** A token for a registry, which the client asks its token server for; undefined where it does not, or gets none. */
  token(host: string, wanted: TokenRequest): Promise<string | undefined>
  /** A store by the client's name for it. */
  store(id: string): ClientStore
  /** Bytes that the client has by a name; once. */
  upload(id: string, signal: AbortSignal): Promise<Readable>
}
