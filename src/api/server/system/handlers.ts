import { API_VERSION, MIN_API_VERSION } from '../../routes.ts'
import type { DiskUsageType } from '../../types/index.ts'
import { decodeTime, invalid } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'
import type { SystemBackend } from './backend.ts'

type SystemRoute = 'ping' | 'pingHead' | 'version' | 'info' | 'events' | 'diskUsage'

const USAGE_TYPES: readonly DiskUsageType[] = ['container', 'image', 'volume', 'build-cache']

/** Who the engine is, how it is, and what happens. */
export function systemHandlers(backend: SystemBackend): Handlers<SystemRoute> {
  return {
    ping: async () => 'OK',
    pingHead: async () => '',
    version: async () => {
      const version = await backend.version()
      return { ...version, ApiVersion: API_VERSION, MinAPIVersion: MIN_API_VERSION }
    },
    info: () => backend.info(),
    events: async ({ query, signal }) => {
      const since = decodeTime('since', query.since)
      const until = decodeTime('until', query.until)
      const times = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
      return backend.events({ ...times, filters: query.filters }, signal)
    },
    diskUsage: async ({ query }) => {
      const types = USAGE_TYPES.filter(type => query.type.includes(type))
      if (types.length !== new Set(query.type).size) {
        throw invalid(`Read "type": got "${query.type}", want some of ${USAGE_TYPES.join(', ')}`)
      }
      return backend.diskUsage(types)
    },
  }
}
