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
 * Reads a config that others have written. What the specification lets them leave out is filled in; what the engine relies on,
 * and the shape of each field that it knows, is checked. Raises IMAGE_CONFIG_INVALID.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const value = parseJson(bytes)
  const wrong = wrongShape(value)
  if (wrong !== undefined) throw invalid(wrong)
  const { architecture, os, rootfs, history, created, config } = value
  const diffIds = rootfs?.diff_ids
  if (typeof architecture !== 'string' || typeof os !== 'string') throw invalid('it names no platform')
  if (!Array.isArray(diffIds) || !diffIds.every(id => typeof id === 'string' && isDigest(id)))
    throw invalid('"rootfs.diff_ids" is no list of digests')
  return {
    ...value,
    architecture,
    os,
    created: created ?? EPOCH,
    config: withoutNulls(config ?? {}),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: history ?? [],
  }
}

/** Go writes what is not set as null; of a command that is kept, since it may be told apart from one that is left out. */
function withoutNulls(config: ContainerConfig): ContainerConfig {
  const isSet = ([name, value]: readonly [string, unknown]): boolean =>
    value !== null || name === 'Cmd' || name === 'Entrypoint'
  return Object.fromEntries(Object.entries(config).filter(isSet))
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

/** `keys` is a map whose keys count alone; `list` one of objects. */
type Field =
  | 'text'
  | 'flag'
  | 'number'
  | 'texts'
  | 'labels'
  | 'keys'
  | { readonly object: Shape }
  | { readonly list: Shape }
type Shape = Readonly<Record<string, Field>>
/** Names each field of `T`, so that none is forgotten when the type grows. */
type ShapeOf<T> = { readonly [K in keyof T]-?: Field }

const HEALTH: ShapeOf<HealthConfig> = {
  Test: 'texts',
  Interval: 'number',
  Timeout: 'number',
  StartPeriod: 'number',
  StartInterval: 'number',
  Retries: 'number',
}

const CONTAINER: ShapeOf<ContainerConfig> = {
  Env: 'texts',
  Cmd: 'texts',
  Entrypoint: 'texts',
  WorkingDir: 'text',
  User: 'text',
  ExposedPorts: 'keys',
  Volumes: 'keys',
  Labels: 'labels',
  StopSignal: 'text',
  Healthcheck: { object: HEALTH },
  Shell: 'texts',
  OnBuild: 'texts',
  ArgsEscaped: 'flag',
}

const HISTORY: ShapeOf<HistoryEntry> = {
  created: 'text',
  created_by: 'text',
  comment: 'text',
  author: 'text',
  empty_layer: 'flag',
}

const IMAGE: ShapeOf<ImageConfig> = {
  architecture: 'text',
  os: 'text',
  variant: 'text',
  author: 'text',
  comment: 'text',
  docker_version: 'text',
  created: 'text',
  config: { object: CONTAINER },
  rootfs: { object: { type: 'text', diff_ids: 'texts' } },
  history: { list: HISTORY },
}

/**
 * What is wrong with the shape of an image config that others have written, with the field; undefined where nothing is. As with
 * Docker, null is as if left out, and fields that are not known are let pass.
 */
function wrongShape(config: object): string | undefined {
  return wrongObject(IMAGE, config, '')
}

function wrongObject(shape: Shape, value: unknown, path: string): string | undefined {
  if (!isMap(value)) return `"${path}" is no object`
  for (const [name, field] of Object.entries(shape)) {
    const wrong = wrongField(field, value[name] ?? undefined, path === '' ? name : `${path}.${name}`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function wrongField(field: Field, value: unknown, path: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof field === 'string')
    return KINDS[field].is(value) ? undefined : `"${path}" is no ${KINDS[field].want}`
  if ('object' in field) return wrongObject(field.object, value, path)
  if (!Array.isArray(value)) return `"${path}" is no list`
  for (const [index, item] of value.entries()) {
    const wrong = wrongObject(field.list, item, `${path}[${index}]`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

interface Kind {
  readonly want: string
  readonly is: (value: unknown) => boolean
}

const isText = (value: unknown): boolean => typeof value === 'string'

const KINDS: Readonly<Record<Extract<Field, string>, Kind>> = {
  text: { want: 'text', is: isText },
  flag: { want: 'true or false', is: value => typeof value === 'boolean' },
  number: { want: 'integer', is: Number.isInteger },
  texts: { want: 'list of texts', is: value => Array.isArray(value) && value.every(isText) },
  labels: { want: 'map of texts', is: value => isMap(value) && Object.values(value).every(isText) },
  keys: { want: 'map', is: isMap },
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
