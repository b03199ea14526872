/** What kind of network a container has; `bridge` covers every network with a bridge. */
export type NetworkMode =
  | { readonly kind: 'host' }
  | { readonly kind: 'none' }
  | { readonly kind: 'container'; readonly reference: string }
  | { readonly kind: 'bridge'; readonly network: string }

/** Reads `HostConfig.NetworkMode`. */
export function parseNetworkMode(text: string | undefined): NetworkMode {
  if (text === undefined || text === '' || text === 'default') return { kind: 'bridge', network: 'bridge' }
  if (text === 'host' || text === 'none') return { kind: text }
  if (text.startsWith('container:')) return { kind: 'container', reference: text.slice('container:'.length) }
  return { kind: 'bridge', network: text }
}
