import { failure } from '../diagnostics/index.ts'
import { isDigest } from '../oci/digest.ts'

/** Health check of an image; durations in nanoseconds, as the OCI config and the Engine API write them. */
export interface HealthConfig {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', line]`. */
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** What a container of the image starts with; wire spelling of the OCI image configuration. */
export interface ContainerConfig {
  readonly Env?: readonly string[]
  readonly Cmd?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly WorkingDir?: string
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly Healthcheck?: HealthConfig
  /** Shell of the shell forms of RUN, CMD and ENTRYPOINT, from SHELL. */
  readonly Shell?: readonly string[]
  /** Instructions that a build FROM this image runs first. */
  readonly OnBuild?: readonly string[]
  /** Whether Cmd is the shell form written out, so that it is shown and inherited as such. */
  readonly ArgsEscaped?: boolean
}

/** One line of `docker history`. */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created: string
  readonly created_by: string
  readonly comment?: string
  readonly author?: string
  /** True when the step made no layer. */
  readonly empty_layer?: boolean
}

/** The OCI image configuration, whose bytes' digest is the image's id. */
export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  readonly author?: string
  /** Docker's own, as is the next. */
  readonly comment?: string
  readonly docker_version?: string
  readonly created: string
  readonly config: ContainerConfig
  /** Bottom first, `sha256:…` each. */
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly history: readonly HistoryEntry[]
}

/**
 * Reads a config that others have written. What the specification lets them leave out is filled in; what the engine relies on
 * is checked. Raises IMAGE_CONFIG_INVALID.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const value = parseJson(bytes)
  const { architecture, os, rootfs, history, created, config } = value
  const diffIds = rootfs?.diff_ids
  if (typeof architecture !== 'string' || typeof os !== 'string') throw invalid('it names no platform')
  if (!Array.isArray(diffIds) || !diffIds.every(id => typeof id === 'string' && isDigest(id)))
    throw invalid('"rootfs.diff_ids" is no list of digests')
  return {
    ...value,
    architecture,
    os,
    created: typeof created === 'string' ? created : EPOCH,
    config: typeof config === 'object' && config !== null ? config : {},
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: Array.isArray(history) ? history : [],
  }
}

/** Docker shows images without a time as made then. */
const EPOCH = '0001-01-01T00:00:00Z'

function parseJson(bytes: Uint8Array): Partial<ImageConfig> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw invalid('it is no JSON object')
}

function invalid(detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'IMAGE_CONFIG_INVALID',
    summary: 'the configuration of an image cannot be used',
    detail,
  })
}
