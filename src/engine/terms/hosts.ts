import { failure } from '../../diagnostics/index.ts'
import { type ExtraHost, parseExtraHost } from '../../network/index.ts'
import { parseNetworkMode } from './network.ts'
import type { Problems } from './problems.ts'
import type { Given, Term } from './term.ts'

/** What a container calls another: by one of the other's names, or its id. */
export interface Link {
  readonly reference: string
  readonly alias: string
}

/** Names in /etc/hosts beside the container's own. */
export interface HostTerms {
  readonly extra: readonly ExtraHost[]
  readonly links: readonly Link[]
}

type Own = 'ExtraHosts' | 'Links'

/** HOSTS_INVALID, LINK_INVALID, NETWORK_MODE. */
export const hostsTerm: Term<Own, HostTerms, 'NetworkMode'> = {
  fields: { ExtraHosts: true, Links: true },
  path: 'HostConfig.ExtraHosts',
  read: ({ ExtraHosts = [], Links = [] }) => ({
    extra: ExtraHosts.map(parseExtraHost),
    links: Links.map(parseLink),
  }),
  check: checkNetwork,
}

/** A container in the network of another has the files of that one: what would change those is refused, as by dockerd. */
function checkNetwork(
  { ExtraHosts = [], Links = [], NetworkMode }: Pick<Given, 'ExtraHosts' | 'Links' | 'NetworkMode'>,
  problems: Problems,
): void {
  const { kind } = parseNetworkMode(NetworkMode)
  const wrong = (field: 'ExtraHosts' | 'Links', why: string): void =>
    problems.add('NETWORK_MODE', `HostConfig.${field}`, `cannot be set: ${why}`, {
      facts: { option: field === 'Links' ? 'links' : 'hosts', mode: kind },
    })
  if (kind === 'host' && Links.length > 0) wrong('Links', "the container has the host's network")
  if (kind !== 'container') return
  if (ExtraHosts.length > 0) wrong('ExtraHosts', 'the container is in the network of another one')
  if (Links.length > 0) wrong('Links', 'the container is in the network of another one')
}

/** `container[:alias]`, of `HostConfig.Links` and of an endpoint's `Links`; Docker writes both with leading slashes too. LINK_INVALID. */
export function parseLink(text: string): Link {
  const [reference = '', alias = reference, ...more] = text.split(':').map(part => part.replace(/^\//, ''))
  if (more.length > 0 || reference === '') throw invalidLink(text)
  return { reference, alias }
}

function invalidLink(link: string): Error {
  return failure({
    code: 'LINK_INVALID',
    kind: 'invalidArgument',
    summary: `link "${link}" is not container[:alias]`,
    facts: { link },
  })
}
