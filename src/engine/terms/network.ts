import { joinedContainer } from './joined.ts'
import type { Term } from './term.ts'

/** Whose network a container has, and by which MAC address it is known in the first. */
export interface NetworkTerms {
  readonly mode: NetworkMode
  readonly macAddress?: string
  /** It reaches what the host listens on from internal networks, too. */
  readonly hostAccess?: true
}

type Own = 'NetworkMode' | 'MacAddress' | 'TscomposeHostAccess'

/** Every text is a mode: what is no word is a network's name. */
export const networkTerm: Term<Own, NetworkTerms> = {
  fields: { NetworkMode: true, MacAddress: true, TscomposeHostAccess: true },
  path: 'HostConfig.NetworkMode',
  read: ({ NetworkMode, MacAddress, TscomposeHostAccess }) => ({
    mode: parseNetworkMode(NetworkMode),
    ...(TscomposeHostAccess === true ? { hostAccess: true } : {}),
    ...(MacAddress ? { macAddress: MacAddress } : {}),
  }),
}

/** What kind of network a container has; `network` is any that it has endpoints on. */
export type NetworkMode =
  | { readonly kind: 'host' }
  | { readonly kind: 'none' }
  | { readonly kind: 'container'; readonly reference: string }
  | { readonly kind: 'network'; readonly network: string }

/** Reads `HostConfig.NetworkMode`. */
export function parseNetworkMode(text: string | undefined): NetworkMode {
  if (text === undefined || text === '' || text === 'default') return { kind: 'network', network: 'bridge' }
  if (text === 'host' || text === 'none') return { kind: text }
  const reference = joinedContainer(text)
  return reference === undefined ? { kind: 'network', network: text } : { kind: 'container', reference }
}
