import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import {
  HOST_RESOLV_CONF,
  hostLines,
  renderHostname,
  renderHosts,
  renderResolvConf,
  resolveExtraHosts,
} from '../../network/index.ts'
import { hostNamesOf } from '../groups/host-names.ts'
import { networkOwner } from '../groups/namespaces.ts'
import { linkedHosts } from '../groups/old-links.ts'
import { shareFiles } from '../groups/replacement.ts'
import { knownAddresses } from '../names/listed.ts'
import type { EtcFiles } from '../runtime/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { ETC_FILES } from '../state/paths.ts'
import type { JoinedEndpoint } from './joined.ts'
import { hasEmbeddedDns } from './program.ts'

/** The host's resolver configuration; none is an empty one. */
export function readHostResolvConf(path: string = HOST_RESOLV_CONF): string {
  return readIfThereSync(path) ?? ''
}

/** Writes hosts, hostname and resolv.conf of the container, where the host's is `resolvConf`; one that is in another's network has the files of that one. */
export function writeEtcFiles(
  engine: Pick<EngineContext, 'containers'>,
  container: Container,
  joined: readonly JoinedEndpoint[],
  resolvConf: string = readHostResolvConf(),
): EtcFiles {
  const texts = etcTexts(engine, container, joined, resolvConf)
  if (texts === undefined) shareFiles(container, networkOwner(engine.containers, container))
  else for (const [name, text] of Object.entries(texts)) writeText(container, name, text)
  return etcFilesOf(container)
}

/** What those files say; nothing of their own for a container that has another's. */
export function etcTexts(
  engine: Pick<EngineContext, 'containers'>,
  container: Container,
  joined: readonly JoinedEndpoint[],
  resolvConf: string = readHostResolvConf(),
): Readonly<Record<(typeof ETC_FILES)[number], string>> | undefined {
  if (networkOwner(engine.containers, container) !== container) return undefined
  const { hostname } = hostNamesOf(engine.containers, container)
  const isHost = container.terms.network.mode.kind === 'host'
  return {
    hostname: renderHostname(hostname),
    hosts: isHost ? hostHosts(container) : ownHosts(engine, container, hostname, joined),
    'resolv.conf': resolvConfOf(container, joined, resolvConf, isHost),
  }
}

/** Where a container's files are. */
function etcFilesOf({ paths }: Container): EtcFiles {
  return {
    hosts: join(paths.etc, 'hosts'),
    resolvConf: join(paths.etc, 'resolv.conf'),
    hostname: join(paths.etc, 'hostname'),
  }
}

function ownHosts(
  engine: Pick<EngineContext, 'containers'>,
  container: Container,
  hostname: string,
  joined: readonly JoinedEndpoint[],
): string {
  const { hosts, names } = container.terms
  const gateways = joined.flatMap(({ network }) => network.subnets.map(subnet => subnet.gateway))
  return renderHosts({
    hostname,
    addresses: joined.flatMap(({ record }) => knownAddresses(record)),
    extraHosts: [
      ...resolveExtraHosts(hosts.extra, gateways.length === 0 ? ['127.0.0.1'] : gateways),
      ...linkedHosts(engine.containers, container),
    ],
    ...(names.domainname === undefined ? {} : { domainname: names.domainname }),
  })
}

/** With the host's network: the host's own file and the extra hosts. */
function hostHosts(container: Container): string {
  const extra = resolveExtraHosts(container.terms.hosts.extra, ['127.0.0.1'])
  return [(readIfThereSync('/etc/hosts') ?? '').trimEnd(), ...hostLines(extra), ''].join('\n')
}

function resolvConfOf(
  container: Container,
  joined: readonly JoinedEndpoint[],
  host: string,
  hostNetwork: boolean,
): string {
  return renderResolvConf({
    host,
    embedded: hasEmbeddedDns(container, joined, host),
    hostNetwork,
    ...container.terms.resolver,
  })
}

/** In place: a running container that shares these files has this very file bound. */
function writeText(container: Container, name: string, text: string): void {
  writeFileSync(join(container.paths.etc, name), text, { mode: 0o644 })
}
