import type { Build, Project } from '../../model/index.ts'
import type { BuildImage } from '../plan/operation.ts'
import type { Plan } from '../plan/plan.ts'
import { compareText } from '../spec/canonical.ts'

/** A file of `docker buildx bake`: what `build --print` gives. */
export interface BakeFile {
  readonly group: { readonly default: { readonly targets: readonly string[] } }
  readonly target: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The builds of a plan as bake's JSON, with the fields and in the order of Docker Compose. */
export function bakeFileOf(
  project: Project,
  plan: Plan,
  options: { readonly push?: boolean } = {},
): BakeFile {
  const builds = plan.operations.filter(operation => operation.type === 'buildImage')
  const names = builds.map(({ serviceName }) => targetName(serviceName)).sort(compareText)
  const output = [options.push === true ? 'type=registry' : 'type=docker']
  const targets = builds.map(operation => [
    targetName(operation.serviceName),
    withoutNothing({ ...targetOf(project, operation), output }),
  ])
  return { group: { default: { targets: names } }, target: Object.fromEntries(targets) }
}

/** Bake's names have no dots. */
function targetName(service: string): string {
  return service.replaceAll('.', '_')
}

function targetOf(project: Project, operation: BuildImage): Record<string, unknown> {
  const { build, reference, tags, labels, args } = operation
  return {
    context: build.context,
    contexts: mapped(build.additional_contexts, source =>
      source.startsWith('service:') ? `target:${targetName(source.slice('service:'.length))}` : source,
    ),
    dockerfile: build.dockerfile_inline === undefined ? dockerfileOf(build) : undefined,
    'dockerfile-inline': build.dockerfile_inline,
    args: mapped({ ...build.args, ...args }, value => value ?? undefined),
    labels,
    tags: [...tags, reference],
    'cache-from': build.cache_from,
    'cache-to': build.cache_to,
    target: build.target,
    secret: build.secrets?.map(({ source, target = source }) => secretOf(project, source, target)),
    ssh: build.ssh,
    platforms: build.platforms ?? (operation.platform === undefined ? undefined : [operation.platform]),
    pull: operation.pull || undefined,
    'no-cache': operation.noCache || undefined,
    'no-cache-filter': build.no_cache_filter,
    network: build.network,
    'shm-size': build.shm_size === undefined ? undefined : String(build.shm_size),
    ulimits: ulimitsOf(build),
    entitlements: entitlementsOf(build),
    'extra-hosts': hostsOf(build),
    attest: attestOf(build),
  }
}

function dockerfileOf({ context = '', dockerfile = 'Dockerfile' }: Build): string {
  // Of a context that is fetched the path is the repository's own.
  if (dockerfile.startsWith('/') || !context.startsWith('/')) return dockerfile
  return `${context.replace(/\/$/, '')}/${dockerfile}`
}

function secretOf({ model }: Project, source: string, id: string): string {
  const secret = model.secrets?.[source]
  if (secret?.environment !== undefined) return `id=${id},type=env,env=${secret.environment}`
  return `id=${id},type=file,src=${secret?.file ?? ''}`
}

function ulimitsOf({ ulimits }: Build): string[] | undefined {
  if (ulimits === undefined) return undefined
  return Object.entries(ulimits).map(([name, limit]) =>
    typeof limit === 'object' ? `${name}=${limit.soft}:${limit.hard}` : `${name}=${limit}`,
  )
}

function entitlementsOf({ entitlements = [], privileged }: Build): readonly string[] {
  return privileged === true ? [...new Set([...entitlements, 'security.insecure'])] : entitlements
}

/** `host=address` or `host:address`, and an address may have colons. */
function hostsOf({ extra_hosts = [] }: Build): Record<string, string> {
  return Object.fromEntries(
    extra_hosts.map(entry => {
      const at = entry.search(/[=:]/)
      return [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

function attestOf({ provenance, sbom }: Build): string[] {
  return [
    ...(provenance === undefined ? [] : [attestation('provenance', provenance)]),
    ...(sbom === undefined ? [] : [attestation('sbom', sbom)]),
  ]
}

function attestation(type: string, value: string): string {
  if (value === 'true') return `type=${type}`
  return value === 'false' ? `type=${type},disabled=true` : `type=${type},${value}`
}

function mapped<T, U>(
  record: Readonly<Record<string, T>> | undefined,
  change: (value: T) => U,
): Record<string, U> | undefined {
  if (record === undefined) return undefined
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}

function withoutNothing(target: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(target).filter(
      ([, value]) =>
        value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
    ),
  )
}
