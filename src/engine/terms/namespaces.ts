import type { NamespaceMode, Namespaces, NetworkNamespaceMode } from '../runtime/index.ts'
import { joinedContainer } from './joined.ts'
import type { NetworkMode } from './network.ts'
import type { Term } from './term.ts'

/** One namespace: of the container's own, the host's, or that of another container by its name or id. */
export type Sharing =
  | { readonly kind: 'private' }
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly reference: string }

/** Words that a mode may be; those with `container` may also be `container:<name or id>`. */
const WORDS = {
  PidMode: { words: ['host'], container: true },
  IpcMode: { words: ['none', 'private', 'shareable', 'host'], container: true },
  UTSMode: { words: ['host'], container: false },
  UsernsMode: { words: ['host'], container: false },
  CgroupnsMode: { words: ['private', 'host'], container: false },
} as const

/** Which namespaces a container shares, and with whom; the network's is a term of its own. */
export interface NamespaceTerms {
  readonly pid: Sharing
  readonly ipc: Sharing
  readonly uts: Sharing
  readonly cgroup: Sharing
  /** The host's user namespace was asked for. */
  readonly hostIds: boolean
  /** No /dev/shm at all. */
  readonly withoutShm: boolean
  /** The mode for which no other container may join its ipc namespace. */
  readonly unjoinable?: string
}

type Own = 'PidMode' | 'IpcMode' | 'UTSMode' | 'UsernsMode' | 'CgroupnsMode'

/** NAMESPACE_MODE. */
export const namespacesTerm: Term<Own, NamespaceTerms> = {
  fields: { PidMode: true, IpcMode: true, UTSMode: true, UsernsMode: true, CgroupnsMode: true },
  path: 'HostConfig.PidMode',
  read: ({ PidMode, IpcMode, UTSMode, UsernsMode, CgroupnsMode }) => ({
    pid: sharingOf(PidMode),
    ipc: sharingOf(IpcMode),
    uts: sharingOf(UTSMode),
    cgroup: sharingOf(CgroupnsMode),
    hostIds: UsernsMode === 'host',
    withoutShm: IpcMode === 'none',
    ...(IpcMode === 'none' || IpcMode === 'private' ? { unjoinable: IpcMode } : {}),
  }),
  check: (given, problems) => {
    for (const field of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
      const mode = given[field] ?? ''
      const { words, container } = WORDS[field]
      const isKnown = mode === '' || words.some(word => word === mode)
      if (isKnown || (container && joinedContainer(mode))) continue
      const all = [...words, ...(container ? ['container:<name or id>'] : [])]
      problems.add(
        'NAMESPACE_MODE',
        `HostConfig.${field}`,
        `got "${mode}", want ${all.join(', ')} or nothing`,
        { facts: { mode } },
      )
    }
  },
}

function sharingOf(mode: string | undefined): Sharing {
  if (mode === 'host') return { kind: 'host' }
  const reference = joinedContainer(mode)
  return reference === undefined ? { kind: 'private' } : { kind: 'container', reference }
}

/** How the processes of other containers, and the files of their networks, are found. */
export interface Others {
  readonly process: (reference: string) => NamespaceMode
  readonly network: (reference: string) => NetworkNamespaceMode
}

/** The namespaces in the runtime's words; other containers are looked up. */
export function runtimeNamespaces(terms: NamespaceTerms, network: NetworkMode, others: Others): Namespaces {
  const mode = (sharing: Sharing): NamespaceMode =>
    sharing.kind === 'container' ? others.process(sharing.reference) : sharing
  return {
    pid: mode(terms.pid),
    net:
      network.kind === 'container'
        ? others.network(network.reference)
        : { kind: network.kind === 'host' ? 'host' : 'private' },
    ipc: mode(terms.ipc),
    uts: mode(terms.uts),
    cgroup: mode(terms.cgroup),
    ...(terms.withoutShm ? { withoutShm: true } : {}),
  }
}
