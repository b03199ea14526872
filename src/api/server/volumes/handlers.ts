import { checkShape } from '../decode/shape.ts'
import { VOLUME_CREATE } from '../decode/shapes.ts'
import type { Handlers } from '../handler.ts'
import type { VolumeBackend } from './backend.ts'

type VolumeRoute = 'volumeList' | 'volumeCreate' | 'volumePrune' | 'volumeInspect' | 'volumeRemove'

/** Volumes. */
export function volumeHandlers(backend: VolumeBackend): Handlers<VolumeRoute> {
  return {
    volumeList: ({ query }) => backend.list({ filters: query.filters }),
    volumeCreate: async ({ body }) => {
      checkShape(VOLUME_CREATE, body)
      return backend.create(body)
    },
    volumePrune: ({ query }) => backend.prune(query.filters),
    volumeInspect: ({ params }) => backend.inspect(params.name),
    volumeRemove: async ({ params, query }) => {
      await backend.remove(params.name, { force: query.force })
      return undefined
    },
  }
}
