import { invalid } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'
import type { Peers } from '../peers.ts'

/** Ours: a gateway says whose connection it is that it opened. */
export function connectionHandlers(peers: Peers): Handlers<'connectionPeer'> {
  return {
    connectionPeer: async ({ query: { uid, gid }, connection }) => {
      if (uid === undefined || gid === undefined) throw invalid('uid and gid are required')
      peers.introduce(connection, { uid, gid })
      return undefined
    },
  }
}
