import type { SystemBackend } from '../../backend/system.ts'
import { API_VERSION, MIN_API_VERSION } from '../../routes.ts'
import type { DiskUsageType, EngineVersion } from '../../types/index.ts'
import { takeShape } from '../decode/shape.ts'
import { PROJECT_NAMES } from '../decode/shapes.ts'
import { decodeMoment, invalid } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'

type SystemRoute =
  | 'ping'
  | 'pingHead'
  | 'version'
  | 'info'
  | 'events'
  | 'diskUsage'
  | 'kernelStirs'
  | 'projectMend'
  | 'projectNames'

const USAGE_TYPES: readonly DiskUsageType[] = ['container', 'image', 'volume', 'build-cache']

/** Who the engine is, how it is, and what happens. */
export function systemHandlers(backend: SystemBackend): Handlers<SystemRoute> {
  return {
    ping: async () => 'OK',
    pingHead: async () => '',
    version: async () => {
      const version = await backend.version()
      const Components = version.Components.map(part =>
        part.Name === 'Engine' ? detail(part, version) : part,
      )
      return { ...version, Components, ApiVersion: API_VERSION, MinAPIVersion: MIN_API_VERSION }
    },
    info: () => backend.info(),
    events: async ({ query, signal }) => {
      const since = decodeMoment('since', query.since)
      const until = decodeMoment('until', query.until)
      if (since !== undefined && until !== undefined && since > until)
        throw invalid(`\`since\` time (${query.since}) cannot be after \`until\` time (${query.until})`)
      const times = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
      return backend.events({ ...times, filters: query.filters }, signal)
    },
    kernelStirs: async ({ params, signal }) => backend.stirs(params.id, signal),
    projectMend: async ({ params, query }) => {
      await backend.mend(params.id, query.on)
      return undefined
    },
    projectNames: async ({ params, body }) => {
      await backend.tellNames(params.id, takeShape(PROJECT_NAMES, body).body.Names ?? [])
      return undefined
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

/** `docker version` prints what the engine's component says, not what stands beside it. */
function detail(part: EngineVersion['Components'][number], version: EngineVersion): typeof part {
  const { GitCommit, GoVersion, Os, Arch, KernelVersion, BuildTime = '' } = version
  const known = { GitCommit, GoVersion, Os, Arch, KernelVersion, BuildTime, Experimental: 'false' }
  const api = { ApiVersion: API_VERSION, MinAPIVersion: MIN_API_VERSION }
  return { ...part, Details: { ...known, ...part.Details, ...api } }
}
