import { failure } from '../../../diagnostics/index.ts'
import { canonicalReference, type Reference } from '../../../oci/reference.ts'
import type { MirrorLocation, RegistryRule } from './registries-conf.ts'
import type { RegistrySettings } from './settings.ts'

/** A server with the name that a repository has there. */
export interface Place {
  /** `HOST[:PORT]`: whose credentials and certificates count. */
  readonly host: string
  /** Absent where the server as such is spoken to. */
  readonly repository: string
  /** Addresses that the server may have, the best first: `https://registry-1.docker.io`. */
  readonly origins: readonly string[]
  /** Its certificate is checked. */
  readonly isVerified: boolean
  readonly isMirror: boolean
}

/** The hub's API has another host than its name says. */
const HUB_HOST = 'registry-1.docker.io'

/**
 * Where an image can be read, mirrors first, the place of its name last. Raises REGISTRY_BLOCKED for what registries.conf
 * forbids.
 */
export function readingPlaces(reference: Reference, settings: RegistrySettings): readonly Place[] {
  const rule = ruleFor(reference, settings.rules)
  if (rule?.blocked) throw blocked(reference, rule)
  const own = ownPlace(reference, settings)
  const isWanted = ({ pulls }: MirrorLocation): boolean =>
    pulls === 'all' || (pulls === 'digest-only') === (reference.digest !== undefined)
  const mirrors = (rule?.mirrors ?? []).filter(isWanted).map(mirror => ({
    ...placeAt(renamed(reference, rule?.prefix ?? '', mirror.location), mirror.insecure, settings),
    isMirror: true,
  }))
  const ofDaemon = reference.domain === 'docker.io' ? settings.daemon.mirrors : []
  return [...mirrors, ...ofDaemon.map(origin => daemonMirror(origin, reference.path, settings)), own]
}

/** Where an image is written: no mirror. Raises REGISTRY_BLOCKED. */
export function writingPlace(reference: Reference, settings: RegistrySettings): Place {
  const rule = ruleFor(reference, settings.rules)
  if (rule?.blocked) throw blocked(reference, rule)
  return ownPlace(reference, settings)
}

/** A registry as such: to log in, to list what it has. */
export function registryPlace(host: string, settings: RegistrySettings): Place {
  return placeAt(host, false, settings)
}

/** True for a registry on this machine, whose traffic nobody else sees. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host)
}

function ownPlace(reference: Reference, settings: RegistrySettings): Place {
  const rule = ruleFor(reference, settings.rules)
  const name = `${reference.domain}/${reference.path}`
  if (rule === undefined || rule.location === '') return placeAt(name, rule?.insecure ?? false, settings)
  return placeAt(renamed(reference, rule.prefix, rule.location), rule.insecure, settings)
}

/** The rule with the longest prefix that fits. */
function ruleFor(reference: Reference, rules: readonly RegistryRule[]): RegistryRule | undefined {
  const name = canonicalReference(reference)
  return rules
    .filter(({ prefix }) => isPrefix(prefix, name, reference.domain))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0]
}

function isPrefix(prefix: string, name: string, domain: string): boolean {
  if (prefix.startsWith('*.')) return domain.replace(/:\d+$/, '').endsWith(prefix.slice(1))
  return name.startsWith(prefix) && /^(?:$|[/:@])/.test(name.slice(prefix.length))
}

/** The reference's name with the location in its prefix's stead; a wildcard stands for the whole domain. */
function renamed({ domain, path }: Reference, prefix: string, location: string): string {
  const name = `${domain}/${path}`
  const length = prefix.startsWith('*.') ? domain.length : Math.min(prefix.length, name.length)
  return `${location}${name.slice(length)}`
}

function placeAt(name: string, isInsecure: boolean, settings: RegistrySettings): Place {
  const slash = name.indexOf('/')
  const host = slash === -1 ? name : name.slice(0, slash)
  const server = host === 'docker.io' || host === 'index.docker.io' ? HUB_HOST : host
  const isOpen = isInsecure || isLoopback(host) || settings.daemon.isInsecure(host)
  return {
    host: server === HUB_HOST ? 'docker.io' : host,
    repository: slash === -1 ? '' : name.slice(slash + 1),
    origins: [`https://${server}`, ...(isOpen ? [`http://${server}`] : [])],
    isVerified: !isOpen,
    isMirror: false,
  }
}

function daemonMirror(origin: string, repository: string, settings: RegistrySettings): Place {
  const { host } = new URL(origin)
  const isVerified = !isLoopback(host) && !settings.daemon.isInsecure(host)
  return { host, repository, origins: [origin], isVerified, isMirror: true }
}

function blocked(reference: Reference, { prefix }: RegistryRule): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'REGISTRY_BLOCKED',
    summary: `registries.conf blocks "${canonicalReference(reference)}"`,
    detail: `its prefix "${prefix}" is blocked there`,
  })
}
