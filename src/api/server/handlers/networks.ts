import type { NetworkBackend } from '../../backend/networks.ts'
import { takeShape } from '../decode/shape.ts'
import { NETWORK_CONNECT, NETWORK_CREATE, NETWORK_DISCONNECT } from '../decode/shapes.ts'
import { invalid } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'

type NetworkRoute =
  | 'networkList'
  | 'networkCreate'
  | 'networkPrune'
  | 'networkInspect'
  | 'networkConnect'
  | 'networkDisconnect'
  | 'networkRemove'

/** Networks, and who is on them. */
export function networkHandlers(backend: NetworkBackend): Handlers<NetworkRoute> {
  return {
    networkList: ({ query }) => backend.list({ filters: query.filters, containers: query.containers }),
    networkCreate: async ({ body }) => {
      const taken = takeShape(NETWORK_CREATE, body).body
      if (typeof taken.Name !== 'string' || taken.Name === '') throw invalid('invalid name: name is empty')
      return backend.create(taken)
    },
    networkPrune: ({ query }) => backend.prune(query.filters),
    networkInspect: ({ params }) => backend.inspect(params.id),
    networkConnect: async ({ params, body }) => {
      const taken = takeShape(NETWORK_CONNECT, body).body
      requireContainer(taken.Container)
      await backend.connect(params.id, taken)
      return undefined
    },
    networkDisconnect: async ({ params, body }) => {
      const taken = takeShape(NETWORK_DISCONNECT, body).body
      requireContainer(taken.Container)
      await backend.disconnect(params.id, taken)
      return undefined
    },
    networkRemove: async ({ params }) => {
      await backend.remove(params.id)
      return undefined
    },
  }
}

function requireContainer(name: unknown): void {
  if (typeof name !== 'string' || name === '') throw invalid('invalid name or ID supplied: ""')
}
