import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { renderHostname, renderHosts, renderResolvConf, resolveExtraHosts } from '../../network/index.ts'
import { hostNamesOf } from '../groups/host-names.ts'
import { networkOwner } from '../groups/namespaces.ts'
import type { EtcFiles } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { parseNetworkMode } from '../terms/network-mode.ts'
import { addressOnly } from '../words/addresses.ts'
import type { JoinedEndpoint } from './prepare.ts'
import { hasEmbeddedDns } from './program.ts'

/** The host's resolver configuration; none is an empty one. */
export function readHostResolvConf(path = '/etc/resolv.conf'): string {
  return readOptional(path)
}

/** Writes hosts, hostname and resolv.conf of the container; one that is in another's network has the files of that one. */
export function writeEtcFiles(
  engine: EngineContext,
  container: Container,
  joined: readonly JoinedEndpoint[],
): EtcFiles {
  const owner = networkOwner(engine, container)
  if (owner === container) {
    const { hostname } = hostNamesOf(engine, container)
    const isHost = parseNetworkMode(container.record.hostConfig.NetworkMode).kind === 'host'
    const hosts = isHost ? hostHosts(container) : ownHosts(engine, container, hostname, joined)
    writeText(container, 'hostname', renderHostname(hostname))
    writeText(container, 'hosts', hosts)
    writeText(container, 'resolv.conf', resolvConfOf(container, joined, isHost))
  }
  return etcFilesOf(owner)
}

/** Where the files are of a container that has a network of its own. */
function etcFilesOf({ paths }: Container): EtcFiles {
  return {
    hosts: join(paths.etc, 'hosts'),
    resolvConf: join(paths.etc, 'resolv.conf'),
    hostname: join(paths.etc, 'hostname'),
  }
}

function ownHosts(
  engine: EngineContext,
  container: Container,
  hostname: string,
  joined: readonly JoinedEndpoint[],
): string {
  const { config, hostConfig } = container.record
  const gateways = joined.flatMap(({ network }) => network.subnets.map(subnet => subnet.gateway))
  return renderHosts({
    hostname,
    addresses: joined.flatMap(({ record }) => record.addresses.map(addressOnly)),
    extraHosts: [
      ...resolveExtraHosts(hostConfig.ExtraHosts ?? [], gateways.length === 0 ? ['127.0.0.1'] : gateways),
      ...linkedHosts(engine, hostConfig.Links ?? []),
    ],
    ...(config.Domainname ? { domainname: config.Domainname } : {}),
  })
}

/** With the host's network: the host's own file and the extra hosts. */
function hostHosts(container: Container): string {
  const extra = resolveExtraHosts(container.record.hostConfig.ExtraHosts ?? [], ['127.0.0.1'])
  const lines = extra.map(entry => {
    const at = entry.indexOf(':')
    return `${entry.slice(at + 1)}\t${entry.slice(0, at)}`
  })
  return [readOptional('/etc/hosts').trimEnd(), ...lines, ''].join('\n')
}

/** `container[:alias]`: the address that the other has now, as Docker's old links write it. */
function linkedHosts(engine: EngineContext, links: readonly string[]): string[] {
  return links.flatMap(link => {
    const [reference = '', alias = reference] = link.split(':')
    const other = engine.containers.resolve(reference)
    if (!other.holdsAddresses) {
      throw failure({
        code: 'LINK_NOT_RUNNING',
        kind: 'conflict',
        summary: `cannot link to ${reference}: it does not run`,
      })
    }
    return other.record.endpoints.flatMap(endpoint =>
      endpoint.addresses.map(address => `${alias.replace(/^\//, '')}:${addressOnly(address)}`),
    )
  })
}

function resolvConfOf(container: Container, joined: readonly JoinedEndpoint[], hostNetwork: boolean): string {
  const { Dns = [], DnsSearch = [], DnsOptions = [] } = container.record.hostConfig
  const host = readHostResolvConf()
  return renderResolvConf({
    host,
    embedded: hasEmbeddedDns(container, joined, host),
    hostNetwork,
    dns: Dns,
    search: DnsSearch,
    options: DnsOptions,
  })
}

/** In place: a running container that shares these files has this very file bound. */
function writeText(container: Container, name: string, text: string): void {
  writeFileSync(join(container.paths.etc, name), text, { mode: 0o644 })
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
