import type { BindOwner, ContainerCreateRequest } from '../types/index.ts'
import { invalid } from './decode/values.ts'

/** A user and a group of this machine. */
export interface Peer {
  readonly uid: number
  readonly gid: number
}

/**
 * The annotation by which a client that knows no `TscomposeBindOwner` says whose its binds' files are, where a gateway knows its user:
 * `caller`, also in sources of others, or `container`: they are as with Docker.
 */
const CHOICE = 'com.tscompose.bind_owner'

/**
 * Users of this machine by the connections that a gateway opened for them. It gives nobody a right: whoever may create a container here may
 * name any owner. For as long as a connection is there.
 */
export class Peers {
  readonly #byConnection = new WeakMap<object, Peer>()

  introduce(connection: object, peer: Peer): void {
    this.#byConnection.set(connection, peer)
  }

  /**
   * A request with the owner of its binds: where it names none, a user who is not root, in sources that are his own. Raises REQUEST_INVALID.
   */
  withOwner(connection: object, body: ContainerCreateRequest): ContainerCreateRequest {
    const { HostConfig: host } = body
    const peer = this.#byConnection.get(connection)
    const choice = choiceOf(host?.Annotations?.[CHOICE])
    if (peer === undefined || peer.uid === 0 || choice === 'container') return body
    if (host?.TscomposeBindOwner !== undefined) return body
    const owner: BindOwner = {
      Uid: peer.uid,
      Gid: peer.gid,
      ...(choice === 'caller' ? {} : { OwnAlone: true }),
    }
    return { ...body, HostConfig: { ...host, TscomposeBindOwner: owner } }
  }
}

function choiceOf(text: string | undefined): 'caller' | 'container' | undefined {
  if (text === undefined || text === 'caller' || text === 'container') return text
  throw invalid(`annotation ${CHOICE} has "${text}", want "caller" or "container"`)
}
