import { BlockList, isIP } from 'node:net'
import { wrongFile } from './wrong-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that requests to an address go through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY or their forms in lower case, which
 * win; undefined: none. As with other tools, this machine itself is never asked for through one. Raises REGISTRY_SETTINGS.
 */
export function proxyFor(address: URL, env: Environment): URL | undefined {
  const name = address.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = env[name] || env[name.toUpperCase()]
  if (!proxy || isLoopbackName(hostOf(address)) || isExempt(address, env)) return undefined
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  if (!URL.canParse(text) || !/^(?:https?|socks5):$/.test(new URL(text).protocol))
    throw wrongFile(name, 'it is no address of a proxy')
  return new URL(text)
}

/** `*`, a host, a domain with all in it (`example.com`, `.example.com`), an address, a subnet; each but the last with a port, too. */
function isExempt(address: URL, env: Environment): boolean {
  const host = hostOf(address)
  const port = address.port || (address.protocol === 'https:' ? '443' : '80')
  const entries = (env['no_proxy'] || env['NO_PROXY'] || '').split(',').map(each => each.trim().toLowerCase())
  return entries.some(entry => {
    if (entry === '' || entry === '*') return entry === '*'
    if (entry.includes('/')) return isInSubnet(host, entry)
    const [, name = '', wantedPort] =
      /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
    if (wantedPort !== undefined && wantedPort !== port) return false
    const wanted = name.replace(/^\[(.*)\]$/, '$1').replace(/^\*?\./, '.')
    if (wanted.startsWith('.')) return host.endsWith(wanted)
    return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`))
  })
}

function isInSubnet(host: string, subnet: string): boolean {
  const [address = '', bits = ''] = subnet.split('/')
  const family = isIP(address)
  const most = family === 4 ? 32 : 128
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits) || Number(bits) > most) return false
  const list = new BlockList()
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(address, Number(bits), kind)
  return list.check(host, kind)
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host) || host === '::1'
}

function hostOf(address: URL): string {
  return address.hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1')
}
