import type { Service } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import type { EndpointTerms, ObservedContainer } from '../observed/observed.ts'
import type { Attachment } from '../plan/operation.ts'
import { compareText } from '../spec/canonical.ts'
import { networkKeys } from './attachments.ts'
import type { NetworkDecision } from './networks.ts'

/** The option of an endpoint that names its interface. */
const INTERFACE_OPTION = 'com.docker.network.endpoint.ifname'

/** What a service asks of its place on a network; the service's own MAC address is that of the first one. */
export function endpointTerms(
  service: Service,
  { key, aliases, links }: Omit<Attachment, 'network'>,
): EndpointTerms {
  const settings = service.networks?.[key] ?? {}
  const { gw_priority, ipv4_address, ipv6_address, link_local_ips, interface_name } = settings
  const [primary] = networkKeys(service)
  return {
    aliases,
    links,
    gw_priority,
    ipv4_address,
    ipv6_address,
    link_local_ips,
    mac_address: settings.mac_address ?? (key === primary ? service.mac_address : undefined),
    driver_opts: {
      ...settings.driver_opts,
      ...(interface_name === undefined ? {} : { [INTERFACE_OPTION]: interface_name }),
    },
  }
}

/**
 * What of the container's endpoints is not as its service asks, though it is on its networks: somebody has taken it off and put it on again,
 * or others have come that its links mean. None of one that leaves a network anyway, or is to be on another one.
 */
export function endpointChanges(
  container: ObservedContainer,
  service: Service,
  networks: ReadonlyMap<string, NetworkDecision>,
  links: readonly string[],
): Change[] {
  const keys = service.network_mode === undefined ? networkKeys(service) : []
  const changes: Change[] = []
  for (const key of keys) {
    const network = networks.get(key)
    const attachment = container.networks.find(({ name }) => name === network?.name)
    if (network === undefined || attachment?.terms === undefined) return []
    const stays = attachment.id === '' || attachment.id === network.id
    if (!stays || network.detached.has(container.id) || network.restarted.has(container.id)) return []
    // Its own name is the engine's to tell, and further ones do no harm.
    const named = [container.service, ...(service.networks?.[key]?.aliases ?? [])]
    const wanted = endpointTerms(service, { key, aliases: named, links })
    changes.push(...compareTerms(`networks.${key}`, attachment.terms, wanted))
  }
  return changes
}

function compareTerms(path: string, found: EndpointTerms, wanted: EndpointTerms): Change[] {
  const aliases = wanted.aliases.every(alias => found.aliases.includes(alias))
    ? found.aliases
    : wanted.aliases
  // One that runs has an address of somebody's choice where nobody asks for one.
  const mac = wanted.mac_address ? macText(wanted.mac_address) : macText(found.mac_address)
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['aliases', sorted(found.aliases), sorted(aliases)],
    ['driver_opts', entriesOf(found.driver_opts), entriesOf(wanted.driver_opts)],
    ['gw_priority', found.gw_priority || undefined, wanted.gw_priority || undefined],
    ['ipv4_address', found.ipv4_address || undefined, wanted.ipv4_address || undefined],
    ['ipv6_address', found.ipv6_address || undefined, wanted.ipv6_address || undefined],
    ['link_local_ips', sorted(found.link_local_ips), sorted(wanted.link_local_ips)],
    ['links', sorted(found.links), sorted(wanted.links)],
    ['mac_address', macText(found.mac_address), mac],
  ]
  return pairs.flatMap(([name, before, after]) => {
    const [from, to] = [textOf(before), textOf(after)]
    return from === to ? [] : [{ path: `${path}.${name}`, from, to }]
  })
}

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value)

function sorted(list: readonly string[] = []): readonly string[] | undefined {
  return list.length === 0 ? undefined : [...new Set(list)].sort(compareText)
}

function entriesOf(options: Readonly<Record<string, string>>): object | undefined {
  const entries = Object.entries(options).sort(([a], [b]) => compareText(a, b))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const macText = (mac: string | undefined): string | undefined =>
  mac?.toLowerCase().replaceAll('-', ':') || undefined
