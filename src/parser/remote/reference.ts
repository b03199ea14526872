/** A folder or file of a git repository: `URL#REF:SUBDIR`. */
export interface GitReference {
  readonly kind: 'git'
  /** As it is written in the Compose file. */
  readonly text: string
  /** What git is to fetch from. */
  readonly repository: string
  /** Branch, tag or commit; absent: the repository's default branch. */
  readonly ref?: string
  /** Folder or Compose file within the repository. */
  readonly subdir?: string
}

/** A Compose project in a registry: `oci://REGISTRY/NAME:TAG`. */
export interface OciReference {
  readonly kind: 'oci'
  readonly text: string
  /** The name without its scheme, as images are named. */
  readonly name: string
}

/** What a Compose file may name that is not on this machine. */
export type RemoteReference = GitReference | OciReference

const OCI = 'oci://'
const URL_START = /^(https?|ssh|git):\/\/[^/]/i
/** `user@host:path`, as ssh and scp write it. */
const SCP = /^[a-z0-9_][a-z0-9_.-]*@[^\s/:@]+:[^\s]/i

/** The remote reference that a text is by Docker Compose's rules; undefined for a path of this machine. */
export function parseRemote(text: string): RemoteReference | undefined {
  if (text.startsWith(OCI)) return { kind: 'oci', text, name: text.slice(OCI.length) }
  const hash = text.indexOf('#')
  const address = hash < 0 ? text : text.slice(0, hash)
  const repository = repositoryOf(address)
  if (repository === undefined) return undefined
  const fragment = hash < 0 ? '' : text.slice(hash + 1)
  const colon = fragment.indexOf(':')
  const ref = colon < 0 ? fragment : fragment.slice(0, colon)
  const subdir = colon < 0 ? '' : fragment.slice(colon + 1)
  return {
    kind: 'git',
    text,
    repository,
    ...(ref === '' ? {} : { ref }),
    ...(subdir === '' ? {} : { subdir }),
  }
}

/** True for what is no path of this machine: a remote reference, or an address that nothing here can fetch. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || parseRemote(text) !== undefined
}

function repositoryOf(address: string): string | undefined {
  if (address.startsWith('github.com/')) return `https://${address}`
  const scheme = URL_START.exec(address)?.[1]?.toLowerCase()
  if (scheme === undefined) return SCP.test(address) ? address : undefined
  const query = address.indexOf('?')
  const path = query < 0 ? address : address.slice(0, query)
  // Over http anything may be a page: only the ending says that it is a repository.
  if (scheme.startsWith('http') && !path.endsWith('.git')) return undefined
  return `${scheme}${address.slice(scheme.length)}`
}
