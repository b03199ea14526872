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
  if (text.startsWith('container:')) return { kind: 'container', reference: text.slice('container:'.length) }
  return { kind: 'network', network: text }
}
