import { failure } from '../../../diagnostics/index.ts'
import type { VolumeBackend } from '../../backend/volumes.ts'
import { takeShape } from '../decode/shape.ts'
import { VOLUME_CREATE } from '../decode/shapes.ts'
import type { Handlers } from '../handler.ts'

type VolumeRoute =
  | 'volumeList'
  | 'volumeCreate'
  | 'volumePrune'
  | 'volumeInspect'
  | 'volumeUpdate'
  | 'volumeRemove'

/** Volumes. */
export function volumeHandlers(backend: VolumeBackend): Handlers<VolumeRoute> {
  return {
    volumeList: ({ query }) => backend.list({ filters: query.filters }),
    volumeCreate: async ({ body }) => {
      const taken = takeShape(VOLUME_CREATE, body).body
      return backend.create(taken)
    },
    volumePrune: ({ query }) => backend.prune(query.filters),
    volumeInspect: ({ params }) => backend.inspect(params.name),
    volumeUpdate: async () => {
      throw failure({
        code: 'SWARM_INACTIVE',
        kind: 'unavailable',
        summary: 'volume update only valid for cluster volumes, but swarm is unavailable',
      })
    },
    volumeRemove: async ({ params, query }) => {
      await backend.remove(params.name, { force: query.force })
      return undefined
    },
  }
}
