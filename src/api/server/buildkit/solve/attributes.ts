import { failure } from '../../../../diagnostics/index.ts'
import type { ContextPlace, FurtherPlace, SolveRequest } from '../../../backend/solves.ts'
import type { Ulimit } from '../../../types/index.ts'
import { cacheSource, cacheTarget, clientCaches, isCacheTarget } from './caches.ts'
import { unmet } from './unmet.ts'

type Options = SolveRequest['options']
type Attributes = Readonly<Record<string, string>>

/** What a frontend is asked for beside its attributes. */
export interface FrontendTerms {
  readonly entitlements: readonly string[]
  readonly cacheExports: readonly { readonly Type: string; readonly Attrs: Attributes }[]
  readonly cacheImports: readonly { readonly Type: string; readonly Attrs: Attributes }[]
  /** What another solve made, by the name of an input. */
  readonly solvedInput: (name: string) => FurtherPlace | undefined
  /** Bytes that the client has by a name. */
  readonly upload: (id: string) => Promise<ContextPlace>
  /** Told once of all that is asked for and not done. */
  readonly onUnmet: (texts: readonly string[]) => void
}

/** Demands of a client that we meet. */
const CAPABILITIES = new Set([
  'moby.buildkit.frontend.inputs',
  'moby.buildkit.frontend.subrequests',
  'moby.buildkit.frontend.contexts',
  'moby.buildkit.frontend.gitquerystring',
])
const UPLOAD = /^https?:\/\/buildkit-session\/(.+)$/

/** What a build may be allowed by whoever asks for it: with a Docker Engine, too, that is the host's network alone. */
const GRANTED = 'network.host'

/** Reads the attributes of the frontend `dockerfile.v0`. Raises FRONTEND_CAPABILITY, FRONTEND_ATTRIBUTE, ENTITLEMENT_DENIED. */
export async function readAttributes(attributes: Attributes, terms: FrontendTerms): Promise<SolveRequest> {
  checkCapabilities(attributes['frontend.caps'])
  checkGranted(terms)
  const texts = unmet({ ...terms, attributes, cacheImports: cacheImportsOf(attributes, terms) })
  if (texts.length > 0) terms.onUnmet(texts)
  const contexts: Record<string, FurtherPlace> = {}
  for (const [name, value] of prefixed(attributes, 'context:')) {
    const place = await furtherPlace(name, value, terms)
    if (place !== undefined) contexts[name] = place
  }
  const context = await contextPlace(attributes, terms)
  const dockerfiles = dockerfilesOf(attributes, context)
  return {
    options: optionsOf(attributes, terms),
    context,
    contexts,
    clientCaches: clientCaches(cacheImportsOf(attributes, terms), terms.cacheExports),
    ...(dockerfiles === undefined ? {} : { dockerfiles }),
  }
}

function optionsOf(attributes: Attributes, terms: FrontendTerms): Options {
  const noCache = attributes['no-cache']
  return {
    dockerfile: attributes['filename'] ?? 'Dockerfile',
    noCache: noCache === '',
    noCacheFilter: noCache === undefined || noCache === '' ? [] : noCache.split(','),
    cacheFrom: [],
    cacheSources: cacheImportsOf(attributes, terms).flatMap(cacheSource),
    cacheTargets: terms.cacheExports.flatMap(cacheTarget),
    pull: attributes['image-resolve-mode'] === 'pull',
    remove: true,
    forceRemove: true,
    buildArgs: Object.fromEntries(prefixed(attributes, 'build-arg:')),
    labels: Object.fromEntries(prefixed(attributes, 'label:')),
    extraHosts: splitFields(attributes['add-hosts']).map(host => host.replace('=', ':')),
    ulimits: splitFields(attributes['ulimit']).map(ulimitOf),
    squash: false,
    auth: {},
    secrets: {},
    secretOwners: {},
    check: false,
    entitlements: terms.entitlements.includes(GRANTED) ? [GRANTED] : [],
    sshAgents: {},
    sbom: sbomOf(attributes),
    traced: true,
    ...provenanceOf(attributes),
    ...optional('target', attributes['target']),
    ...optional('platform', attributes['platform']),
    ...optional('networkMode', attributes['force-network-mode']),
    ...(Number(attributes['shm-size'] ?? 0) > 0 ? { shmSize: Number(attributes['shm-size']) } : {}),
    ...(Number(attributes['memory'] ?? 0) > 0 ? { memory: Number(attributes['memory']) } : {}),
  }
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { readonly [P in K]: string })
}

/** Sorted: clients send them in any order, and labels end in the image as they stand here. */
function prefixed(attributes: Attributes, prefix: string): [name: string, value: string][] {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as [string, string]] : [],
  )
}

function checkCapabilities(demands: string | undefined): void {
  for (const demand of splitFields(demands)) {
    const name = demand.replace(/\+forward$/, '')
    if (!CAPABILITIES.has(name))
      throw failure({
        code: 'FRONTEND_CAPABILITY',
        kind: 'notImplemented',
        summary: `unsupported frontend capability ${name}`,
      })
  }
}

function checkGranted({ entitlements, cacheExports }: FrontendTerms): void {
  const denied = entitlements.find(name => name !== GRANTED)
  if (denied !== undefined) {
    throw failure({
      code: 'ENTITLEMENT_DENIED',
      kind: 'invalidArgument',
      summary: `granting entitlement ${denied} is not allowed by build daemon configuration`,
    })
  }
  const cache = cacheExports.find(entry => !isCacheTarget(entry))
  if (cache !== undefined)
    throw invalid(
      `no build cache of type=${cache.Type} is written: type=registry, type=local and type=inline are`,
    )
}

async function contextPlace(attributes: Attributes, terms: FrontendTerms): Promise<ContextPlace> {
  const address = attributes['context']
  if (address === undefined || address === '') return { folder: attributes['contextkey'] ?? 'context' }
  const [, upload] = UPLOAD.exec(address) ?? []
  if (upload !== undefined) return terms.upload(upload)
  const folder = attributes['contextsubdir']
  if (folder === undefined || folder === '') return { address }
  return { address: address.includes('#') ? `${address}:${folder}` : `${address}#:${folder}` }
}

/** Where the Dockerfile is: beside the context with a local one, in it with any other, unless the client has it by a key. */
function dockerfilesOf(attributes: Attributes, context: ContextPlace): string | undefined {
  const key = attributes['dockerfilekey']
  if (key !== undefined) return key
  return 'folder' in context ? 'dockerfile' : undefined
}

async function furtherPlace(
  name: string,
  value: string,
  terms: FrontendTerms,
): Promise<FurtherPlace | undefined> {
  const colon = value.indexOf(':')
  const [scheme, rest] = [value.slice(0, colon), value.slice(colon + 1).replace(/^\/\//, '')]
  switch (scheme) {
    case 'local':
      return { folder: rest }
    case 'docker-image':
      return { image: rest }
    case 'input':
      return terms.solvedInput(rest)
    case 'oci-layout':
      throw invalid(`context "${name}" is an OCI layout, which is not supported`)
    default:
      return { address: value }
  }
}

function ulimitOf(text: string): Ulimit {
  const [name = '', limits = ''] = text.split('=')
  const [soft = '', hard = soft] = limits.split(':')
  const numbers = { Name: name, Soft: Number(soft), Hard: Number(hard) }
  if (!Number.isInteger(numbers.Soft) || !Number.isInteger(numbers.Hard)) throw invalid(`ulimit "${text}"`)
  return numbers
}

/** `mode=min,inline-only=true`; `disabled=true` asks for none. */
function provenanceOf(attributes: Attributes): Pick<Options, 'provenance' | 'provenanceInline'> {
  const text = attributes['attest:provenance'] ?? attributes['build-arg:BUILDKIT_ATTEST_PROVENANCE']
  if (text === undefined) return {}
  const fields = splitFields(text)
  if (text === 'false' || fields.includes('disabled=true')) return {}
  return {
    provenance: fields.includes('mode=max') ? 'max' : 'min',
    ...(fields.includes('inline-only=true') ? { provenanceInline: true } : {}),
  }
}

function sbomOf(attributes: Attributes): boolean {
  const text = attributes['attest:sbom'] ?? attributes['build-arg:BUILDKIT_ATTEST_SBOM']
  return text !== undefined && text !== 'false' && !splitFields(text).includes('disabled=true')
}

function cacheImportsOf(attributes: Attributes, terms: FrontendTerms): FrontendTerms['cacheImports'] {
  const text = attributes['cache-imports']
  if (text === undefined) return terms.cacheImports
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value))
      return value.map(({ Type, Attrs }) => ({ Type: String(Type), Attrs: Attrs ?? {} }))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw invalid('"cache-imports" is no list')
}

function invalid(detail: string): Error {
  return failure({
    code: 'FRONTEND_ATTRIBUTE',
    kind: 'invalidArgument',
    summary: `the build cannot be done as asked: ${detail}`,
  })
}

/** The fields of a line of comma-separated values, in which quotes keep a comma. */
function splitFields(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return []
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
