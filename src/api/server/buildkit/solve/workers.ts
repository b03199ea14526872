import { arch } from 'node:process'
import type { Encodable } from '../proto/messages.ts'

/** What clients take our kind of builder for: it decides nothing but a column. */
const BUILDKIT_VERSION = 'v0.25.1'

/**
 * The one worker. Its snapshotter label says that images can be exported as archives, caches too, and attestations kept; clients
 * refuse by themselves what a worker without one cannot.
 */
export function workerOf(engineId: string): Encodable<'WorkerRecord'> {
  return {
    ID: engineId,
    Labels: {
      'org.mobyproject.buildkit.worker.executor': 'tscompose',
      'org.mobyproject.buildkit.worker.hostname': engineId,
      'org.mobyproject.buildkit.worker.network': 'host',
      'org.mobyproject.buildkit.worker.snapshotter': 'overlayfs',
    },
    platforms: [{ OS: 'linux', Architecture: arch === 'x64' ? 'amd64' : arch }],
    BuildkitVersion: buildkitVersion(),
  }
}

export function buildkitVersion(): Encodable<'BuildkitVersion'> {
  return { package: 'github.com/moby/buildkit', version: BUILDKIT_VERSION, revision: 'tscompose' }
}

/** What clients may ask the bridge for. */
const BRIDGE = [
  'solve.base',
  'solve.inlinereturn',
  'resolveimage',
  'resolveimage.resolvemode',
  'readfile',
  'readdir',
  'statfile',
  'return',
  'returnmap',
  'proto.refarray',
  'reference.output',
  'importcaches',
  'frontend.caps',
  'frontend.inputs',
  'gateway.solve.evaluate',
  'gateway.evaluate',
  'gateway.solve.metadata',
  'gateway.warnings',
]

/** What clients ask about before they send attributes. */
const BUILDS = [
  'exporter.image.attestations',
  'exporter.multiple',
  'source.local',
  'source.image',
  'gc.freespacefilter',
]

export function capabilities(): Pick<Encodable<'PongResponse'>, 'FrontendAPICaps' | 'LLBCaps'> {
  const enabled = (ID: string): Encodable<'APICap'> => ({ ID, Enabled: true })
  return { FrontendAPICaps: BRIDGE.map(enabled), LLBCaps: BUILDS.map(enabled) }
}
