import { failure } from '../diagnostics/index.ts'

/** What /etc/hosts of a container follows from. */
export interface HostsFile {
  readonly hostname: string
  readonly domainname?: string
  /** The container's own addresses, without prefix length. */
  readonly addresses: readonly string[]
  /** `HostConfig.ExtraHosts`, `name:ip`, `host-gateway` resolved already. */
  readonly extraHosts?: readonly string[]
  /** IPv6 lines as well; true where not set. */
  readonly ipv6?: boolean
}

/** Text of /etc/hosts. Failure HOSTS_INVALID for names or addresses that would break the file. */
export function renderHosts(file: HostsFile): string {
  throw failure({ code: 'NOT_YET', summary: file.hostname })
}

/** Text of /etc/hostname. */
export function renderHostname(hostname: string): string {
  return `${hostname}\n`
}

/** Replaces the value `host-gateway` by the host's address as the container sees it: its gateway. */
export function resolveExtraHosts(extraHosts: readonly string[], gateways: readonly string[]): string[] {
  throw failure({ code: 'NOT_YET', summary: extraHosts.join() + gateways.join() })
}

/** What /etc/resolv.conf of a container follows from. */
export interface ResolvConf {
  /** Text of the host's /etc/resolv.conf. */
  readonly host: string
  /** The relay answers at 127.0.0.11; else the servers are written into the file. */
  readonly embedded: boolean
  /** `dns:`, `dns_search:`, `dns_opt:`; what is not given comes from the host's file. */
  readonly dns?: readonly string[]
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

/** Text of /etc/resolv.conf. */
export function renderResolvConf(file: ResolvConf): string {
  throw failure({ code: 'NOT_YET', summary: file.host })
}

/** The servers that the relay forwards to: `dns:`, else the host's. The relay sends from the host's namespace. */
export function upstreamServers(file: Pick<ResolvConf, 'host' | 'dns'>): string[] {
  throw failure({ code: 'NOT_YET', summary: file.host })
}
