import { Duplex, Readable } from 'node:stream'
import type { BuildClient, FolderSource, TokenRequest } from '../../../backend/build-client.ts'
import type { AuthConfig } from '../../../types/index.ts'
import { StatusFailure } from '../grpc/error.ts'
import { clientStore } from './client-store.ts'
import { ReceivedListing } from './listing.ts'
import type { Session } from './session.ts'

const FILES = '/moby.filesync.v1.FileSync/DiffCopy'
const SECRET = '/moby.buildkit.secrets.v1.Secrets/GetSecret'
const CHECK_AGENT = '/moby.sshforward.v1.SSH/CheckAgent'
const FORWARD_AGENT = '/moby.sshforward.v1.SSH/ForwardAgent'
const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials'
const FETCH_TOKEN = '/moby.filesync.v1.Auth/FetchToken'
const UPLOAD = '/moby.upload.v1.Upload/Pull'
/** Who asks, to token servers. */
const CLIENT_ID = 'buildkit-client'
const NOT_FOUND = 5
const UNIMPLEMENTED = 12
/** The hub's host, as clients know its credentials. */
const HUB = 'registry-1.docker.io'

/** Gives the session that has the client's folder of that name, or all else that it has. */
export type SessionOf = (folder?: string) => Promise<Session>

/** A build's client behind its sessions. */
export function sessionClient(sessionOf: SessionOf): BuildClient {
  return {
    folder: name => folderOf(name, sessionOf),
    secret: async id => {
      const session = await sessionOf()
      const found = await unlessMissing(
        session.ask(SECRET, ['GetSecretRequest', 'GetSecretResponse'], { ID: id }),
      )
      return found?.data
    },
    agent: async id => {
      const session = await sessionOf()
      const asked = session.ask(CHECK_AGENT, ['CheckAgentRequest', 'CheckAgentResponse'], { ID: id })
      const isThere = await asked.then(() => true, ifStatus)
      return isThere ? () => agentConnection(session, id) : undefined
    },
    credentials: async host => credentialsOf(await sessionOf(), host),
    token: async (host, wanted) => tokenOf(await sessionOf(), host, wanted),
    store: id => clientStore(() => sessionOf(), id),
    upload: async (id, signal) => {
      const session = await sessionOf()
      const call = session.call(
        UPLOAD,
        ['BytesMessage', 'BytesMessage'],
        { urlpath: `/${id}`, urlhost: 'buildkit-session' },
        signal,
      )
      async function* bytes(): AsyncGenerator<Uint8Array> {
        for await (const { data } of call.messages) yield data
        call.finish()
      }
      return Readable.from(bytes(), { objectMode: false })
    },
  }
}

function folderOf(name: string, sessionOf: SessionOf): FolderSource {
  return {
    list: async ({ paths = [], excluded = [] }, signal) => {
      const session = await sessionOf(name)
      const metadata = encodeMetadata({
        'dir-name': [name],
        followpaths: paths,
        'exclude-patterns': excluded,
      })
      const identity = JSON.stringify([session.sharedKey, name])
      const call = session.call(FILES, ['Packet', 'Packet'], metadata, signal)
      return await ReceivedListing.receive(identity, call)
    },
  }
}

async function credentialsOf(session: Session, host: string): Promise<AuthConfig | undefined> {
  const found = await unlessMissing(
    session.ask(CREDENTIALS, ['CredentialsRequest', 'CredentialsResponse'], {
      Host: hostName(host),
    }),
  )
  if (found === undefined || found.Secret === '') return undefined
  const { Username: username, Secret: secret } = found
  return username === '' ? { identitytoken: secret } : { username, password: secret }
}

/** What the client gets from a token server; whoever gets nothing there may be let in without. */
async function tokenOf(session: Session, host: string, wanted: TokenRequest): Promise<string | undefined> {
  if (!session.serves(FETCH_TOKEN)) return undefined
  const { realm: Realm, service: Service, scopes: Scopes } = wanted
  const request = { ClientID: CLIENT_ID, Host: hostName(host), Realm, Service, Scopes }
  const asked = session.ask(FETCH_TOKEN, ['FetchTokenRequest', 'FetchTokenResponse'], request)
  const answer = await asked.catch(error => ifStatus(error))
  return answer === false || answer.Token === '' ? undefined : answer.Token
}

function hostName(host: string): string {
  return host === 'docker.io' ? HUB : host
}

/** A connection to the client's agent. */
function agentConnection(session: Session, id: string): Duplex {
  const call = session.call(FORWARD_AGENT, ['BytesMessage', 'BytesMessage'], { 'buildkit.ssh.id': id })
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const { data } of call.messages) yield data
  }
  const incoming = bytes()
  return new Duplex({
    allowHalfOpen: true,
    read() {
      incoming.next().then(
        ({ done, value }) => this.push(done === true ? null : value),
        (error: Error) => this.destroy(error),
      )
    },
    write(chunk: Buffer, _encoding, done) {
      call.send({ data: chunk }).then(() => done(), done)
    },
    final(done) {
      call.finish()
      done()
    },
    destroy(error, done) {
      call.cancel()
      done(error)
    },
  })
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    const code = error instanceof StatusFailure ? error.status.code : undefined
    if (code === NOT_FOUND || code === UNIMPLEMENTED) return undefined
    throw error
  }
}

function ifStatus(error: unknown): false {
  if (error instanceof StatusFailure) return false
  throw error
}

/** Any bytes as in a query: those that are not UTF-8 stand in names as lone surrogates from U+DC80 on. */
function escaped(value: string): string {
  const pieces = value.split(/([\udc80-\udcff])/u)
  return pieces
    .map((piece, at) =>
      at % 2 === 0
        ? new URLSearchParams([['', piece]]).toString().slice(1)
        : `%${(piece.charCodeAt(0) - 0xdc00).toString(16)}`,
    )
    .join('')
}

/**
 * Metadata whose values may be any text: headers hold ASCII alone, so values of a key that has others are escaped as in a query,
 * all of them, and a further key says so.
 */
function encodeMetadata(
  values: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, list]): [string, readonly string[]][] => {
      if (list.length === 0) return []
      // A header's value has neither ends of blanks nor control characters.
      if (list.every(value => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))) return [[key, list]]
      return [
        [key, list.map(escaped)],
        [`${key}-encoded`, ['1']],
      ]
    }),
  )
}
