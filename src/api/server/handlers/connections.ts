import { SHARED_LINE_PROTOCOL } from '../../shared-line.ts'
import { invalid } from '../decode/values.ts'
import type { Handlers, UpgradeAnswer } from '../handler.ts'
import type { Peers } from '../peers.ts'

/** Ours: a gateway says whose connection it is that it opened; a client makes many calls over one. */
export function connectionHandlers(
  peers: Peers,
  serveLine: UpgradeAnswer['serve'],
): Handlers<'connectionPeer' | 'sharedLine'> {
  return {
    sharedLine: async () => ({ protocol: SHARED_LINE_PROTOCOL, serve: serveLine }),
    connectionPeer: async ({ query: { uid, gid }, connection }) => {
      if (uid === undefined || gid === undefined) throw invalid('uid and gid are required')
      peers.introduce(connection, { uid, gid })
      return undefined
    },
  }
}
