import type { BuildBackend } from '../../backend/builds.ts'
import type {
  AuthConfig,
  BuildCacheSource,
  BuildCacheTarget,
  BuildSecretOwner,
  FurtherBuildContext,
  ImageBuildOptions,
  OwnBuildOptions,
  ProgressMessage,
  Ulimit,
} from '../../types/index.ts'
import type { LazyBuildKit } from '../buildkit/lazy.ts'
import type { PostedBuild } from '../buildkit/solve/posted-build.ts'
import { decodeJson, splitFirstLine } from '../decode/first-line.ts'
import { nameFields } from '../decode/names.ts'
import { AUTH } from '../decode/shapes.ts'
import { decodeHeader, invalid } from '../decode/values.ts'
import type { ApiRequest, Handlers } from '../handler.ts'

/** A million files. */
const MANIFEST_LIMIT = 256 * 1024 * 1024

/** Building images. */
export function buildHandlers(
  backend: BuildBackend,
  kit: LazyBuildKit,
): Handlers<'build' | 'buildCancel' | 'buildContext' | 'buildPrune'> {
  return {
    build: async request => {
      const options = buildOptions(request)
      const messages =
        request.query.version === '2'
          ? (await kit()).build(postedBuild(request, options))
          : await backend.build(request.tar, options, request.signal)
      return options.quiet ? onlyId(messages) : messages
    },
    // Builds of Docker's own builder have no id: they end with their connection.
    buildCancel: async ({ query }) => {
      if (query.id === undefined) throw invalid('build ID not provided')
      const building = await kit()
      building.cancel(query.id)
      return undefined
    },
    buildContext: async ({ tar, query, signal }) => {
      const { line, rest } = await splitFirstLine(tar, MANIFEST_LIMIT)
      const manifest = decodeJson(line)
      return query.fill ? backend.fillContext(manifest, rest, signal) : backend.checkContext(manifest)
    },
    buildPrune: ({ query }) => {
      const { all, filters, 'keep-storage': keepBytes } = query
      return backend.pruneCache({ all, filters, ...(keepBytes === undefined ? {} : { keepBytes }) })
    },
  }
}

/** `docker build -q`: the image's id alone; when the build fails, all that it said. */
async function* onlyId(messages: AsyncIterable<ProgressMessage>): AsyncGenerator<ProgressMessage> {
  const said: ProgressMessage[] = []
  let id: unknown
  try {
    for await (const message of messages) {
      said.push(message)
      if (typeof message.aux === 'object') id = message.aux['ID'] ?? id
    }
  } catch (error) {
    yield* said
    throw error
  }
  if (typeof id === 'string') yield { stream: `${id}\n` }
}

function postedBuild({ query, tar, signal }: ApiRequest<'build'>, options: ImageBuildOptions): PostedBuild {
  return {
    options,
    tar,
    signal,
    outputs: list('outputs', query.outputs, isOutput),
    ...(query.session === undefined || query.session === '' ? {} : { session: query.session }),
    ...(query.buildid === undefined || query.buildid === '' ? {} : { id: query.buildid }),
  }
}

function isOutput(value: unknown): value is PostedBuild['outputs'][number] {
  const { Type, Attrs } = (value ?? {}) as Readonly<Record<string, unknown>>
  return isText(Type) && typeof Attrs === 'object' && Attrs !== null && Object.values(Attrs).every(isText)
}

function buildOptions({ query, headers }: ApiRequest<'build'>): ImageBuildOptions {
  return {
    dockerfile: query.dockerfile || 'Dockerfile',
    tags: query.t,
    quiet: query.q,
    noCache: query.nocache,
    cacheFrom: texts('cachefrom', query.cachefrom),
    pull: query.pull,
    remove: query.rm,
    forceRemove: query.forcerm,
    buildArgs: record('buildargs', query.buildargs, isTextOrNull),
    labels: record('labels', query.labels, isText),
    extraHosts: query.extrahosts,
    ulimits: list('ulimits', query.ulimits, isUlimit),
    squash: query.squash,
    auth: decodeAuths(headers['x-registry-config']),
    ...ownOptions(record('tscompose', query.tscompose, isAny)),
    secrets: secrets(headers['x-tscompose-build-secrets']),
    ...(query.remote === undefined ? {} : { remote: query.remote }),
    ...(query.context === undefined ? {} : { context: query.context }),
    ...(query.target === undefined ? {} : { target: query.target }),
    ...(query.platform === undefined ? {} : { platform: query.platform }),
    ...(query.networkmode === undefined ? {} : { networkMode: query.networkmode }),
    ...(query.shmsize === undefined ? {} : { shmSize: query.shmsize }),
    ...(query.memory === undefined ? {} : { memory: query.memory }),
  }
}

function ownOptions(own: Readonly<Record<string, unknown>>): OwnBuildOptions {
  return {
    check: own['check'] === true,
    contexts: record('tscompose.contexts', own['contexts'], isFurtherContext),
    secretOwners: record('tscompose.secretOwners', own['secretOwners'], isSecretOwner),
    noCacheFilter: texts('tscompose.noCacheFilter', own['noCacheFilter']),
    entitlements: texts('tscompose.entitlements', own['entitlements']).map(entitlement),
    sshAgents: record('tscompose.sshAgents', own['sshAgents'], isText),
    cacheSources: list('tscompose.cacheSources', own['cacheSources'], isCacheSource),
    cacheTargets: list('tscompose.cacheTargets', own['cacheTargets'], isCacheTarget),
    sbom: own['sbom'] === true,
    traced: own['traced'] === true,
    ...provenance(own['provenance']),
  }
}

function isCacheSource(value: unknown): value is BuildCacheSource {
  const { type, reference, folder, tag, digest } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (type === 'registry') return isText(reference)
  return type === 'local' && isFolder(folder) && isTextOrAbsent(tag) && isTextOrAbsent(digest)
}

function isCacheTarget(value: unknown): value is BuildCacheTarget {
  const { type, reference, folder, tag, mode, ignoreError } = (value ?? {}) as Readonly<
    Record<string, unknown>
  >
  if (type === 'inline') return true
  if ((mode !== 'min' && mode !== 'max') || typeof ignoreError !== 'boolean') return false
  return type === 'registry' ? isText(reference) : type === 'local' && isFolder(folder) && isTextOrAbsent(tag)
}

function isSecretOwner(value: unknown): value is BuildSecretOwner {
  const { uid, gid, mode } = (value ?? {}) as Readonly<Record<string, unknown>>
  const fits = (part: unknown, form: RegExp): boolean =>
    part === undefined || (isText(part) && form.test(part))
  return fits(uid, /^\d{1,10}$/) && fits(gid, /^\d{1,10}$/) && fits(mode, /^[0-7]{1,5}$/)
}

function isFolder(value: unknown): boolean {
  return isText(value) && value.startsWith('/')
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || isText(value)
}

function provenance(mode: unknown): Pick<OwnBuildOptions, 'provenance'> {
  if (mode === undefined || mode === null) return {}
  if (mode === 'min' || mode === 'max') return { provenance: mode }
  throw invalid('Read "tscompose.provenance": want min or max')
}

function isAny(_value: unknown): _value is unknown {
  return true
}

/** Ours: build secrets travel in a header, base64 of JSON with base64 contents. */
function secrets(header: string | readonly string[] | undefined): Record<string, Uint8Array> {
  const sent = record('X-Tscompose-Build-Secrets', decodeHeader('X-Tscompose-Build-Secrets', header), isText)
  return Object.fromEntries(Object.entries(sent).map(([id, text]) => [id, Buffer.from(text, 'base64')]))
}

function record<T>(name: string, value: unknown, is: (entry: unknown) => entry is T): Record<string, T> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(`Read "${name}": want an object`)
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (!is(entry)) throw invalid(`Read "${name}": bad value for "${key}"`)
      return [key, entry]
    }),
  )
}

function list<T>(name: string, value: unknown, is: (entry: unknown) => entry is T): readonly T[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every(is)) return value
  throw invalid(`Read "${name}": want a list`)
}

function texts(name: string, value: unknown): readonly string[] {
  return list(name, value, isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

function isFurtherContext(value: unknown): value is FurtherBuildContext {
  if (typeof value !== 'object' || value === null) return false
  return typeof Reflect.get(value, 'part') === 'string' || typeof Reflect.get(value, 'image') === 'string'
}

function entitlement(name: string): 'network.host' | 'security.insecure' {
  if (name === 'network.host' || name === 'security.insecure') return name
  throw invalid(`Read "entitlements": "${name}" is none`)
}

/** Credentials by the registry that they are for. */
function decodeAuths(header: string | readonly string[] | undefined): Record<string, AuthConfig> {
  const auths = record('X-Registry-Config', decodeHeader('X-Registry-Config', header), isAuth)
  return Object.fromEntries(Object.entries(auths).map(([host, auth]) => [host, nameFields(AUTH, auth)]))
}

function isAuth(value: unknown): value is AuthConfig {
  return typeof value === 'object' && value !== null
}

function isUlimit(value: unknown): value is Ulimit {
  if (typeof value !== 'object' || value === null) return false
  const [name, soft, hard] = ['Name', 'Soft', 'Hard'].map(key => typeof Reflect.get(value, key))
  return name === 'string' && soft === 'number' && hard === 'number'
}
