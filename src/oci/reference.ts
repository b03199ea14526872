import { type Facts, failure } from '../diagnostics/index.ts'
import { isDigest } from './digest.ts'

/** An image reference, normalised: `debian` is `docker.io/library/debian:latest`. */
export interface Reference {
  /** Host of the registry, with port: `docker.io`, `localhost:5000`. */
  readonly domain: string
  /** Path of the repository: `library/debian`. */
  readonly path: string
  /** Absent only when there is a digest. */
  readonly tag?: string
  /** `sha256:<64 hex>`. */
  readonly digest?: string
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const DOMAIN =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const TAG = /^[\w][\w.-]{0,127}$/
/** Bound of the distribution specification for domain and path together. */
const MAX_NAME = 255

/** The parts of a reference as they are written: nothing is checked, nothing filled in. */
export interface ReferenceParts {
  readonly name: string
  readonly tag?: string
  readonly digest?: string
}

/** Takes `name[:tag][@digest]` apart: a colon before the last slash belongs to the registry's port. */
export function splitReference(text: string): ReferenceParts {
  const at = text.indexOf('@')
  const named = at === -1 ? text : text.slice(0, at)
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return {
    name: colon === -1 ? named : named.slice(0, colon),
    ...(colon === -1 ? {} : { tag: named.slice(colon + 1) }),
    ...(at === -1 ? {} : { digest: text.slice(at + 1) }),
  }
}

/** A name without a tag as it is understood, `debian:latest`. */
export function spelledOut(name: string): string {
  if (name.startsWith('sha256:')) return name
  const { tag, digest } = splitReference(name)
  return tag === undefined && digest === undefined ? `${name}:latest` : name
}

/**
 * Parses `[domain/]path[:tag][@digest]` by the rules of the distribution reference grammar; a first component is a
 * domain when it has a dot, a colon or a capital letter, or is `localhost`. Raises REFERENCE_INVALID.
 */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = splitReference(text)
  const { domain, path } = splitDomain(name)
  if (digest !== undefined && !isDigest(digest))
    throw invalid(text, `digest "${digest}" is not sha256:<64 hex>`)
  if (tag !== undefined && !TAG.test(tag))
    throw invalid(text, `tag "${tag}" has a character that tags cannot have`)
  if (!DOMAIN.test(domain)) throw invalid(text, `registry "${domain}" is not a host name`)
  const wrong = path.split('/').find(component => !COMPONENT.test(component))
  if (wrong !== undefined) {
    const isCase = /[A-Z]/.test(path) && text.toLowerCase() !== text
    throw invalid(text, nameProblem(wrong), isCase ? { rule: 'case', name: path } : {})
  }
  if (domain.length + path.length + 1 > MAX_NAME)
    throw invalid(text, `name is longer than ${MAX_NAME} characters`)
  if (tag === undefined && digest === undefined) return { domain, path, tag: 'latest' }
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** The full form, `docker.io/library/debian:bookworm`: the key of the store's tags. */
export function canonicalReference(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffixOf(reference)}`
}

/** The form people write, `debian:bookworm`. */
export function familiarReference(reference: Reference): string {
  return `${familiarName(reference)}${suffixOf(reference)}`
}

/** The repository as people write it, without tag or digest. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== 'docker.io') return `${reference.domain}/${reference.path}`
  return reference.path.startsWith('library/') ? reference.path.slice('library/'.length) : reference.path
}

function suffixOf({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Takes a name apart where its registry ends; a name without one is the hub's, `docker.io`. */
export function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isDomain = first !== '' && (/[.:A-Z]/.test(first) || first === 'localhost')
  const domain = isDomain ? first : 'docker.io'
  const rest = isDomain ? name.slice(slash + 1) : name
  const hub = domain === 'docker.io' || domain === 'index.docker.io'
  if (!hub) return { domain, path: rest }
  return { domain: 'docker.io', path: rest.includes('/') ? rest : `library/${rest}` }
}

function nameProblem(component: string): string {
  if (component === '') return 'name has an empty component'
  return /[A-Z]/.test(component)
    ? `name component "${component}" must be in lower case`
    : `name component "${component}" has a character that names cannot have`
}

function invalid(text: string, detail: string, facts: Facts = {}): Error {
  return failure({
    code: 'REFERENCE_INVALID',
    kind: 'invalidArgument',
    summary: `image reference ${JSON.stringify(text)} is invalid`,
    detail,
    facts,
    hint: 'write it as [registry/]name[:tag][@sha256:…]',
  })
}
