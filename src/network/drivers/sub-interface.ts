import { failure } from '../../diagnostics/index.ts'
import { ERRNO } from '../../linux/errno.ts'
import { CONTAINER_NETNS_FD, type SetupOp } from '../../native/index.ts'
import {
  containerNetlink,
  createSubInterface,
  deleteLink,
  hostNetlink,
  type SubInterfaceKind,
  setLinkName,
} from '../netlink/index.ts'
import { gatewayOnNetwork } from './bridge.ts'
import type { Endpoint, Links, Network, NetworkDriver } from './driver.ts'
import {
  checkParent,
  ensureParent,
  noParent,
  observeParent,
  parentName,
  removeParent,
} from './parent-link.ts'
import {
  checkSubInterfaceOptions,
  type SubInterfaceOptions,
  type SubInterfaceWords,
  subInterfaceOptions,
  unknownSubInterfaceOptions,
} from './sub-interface-options.ts'

/** What macvlan and ipvlan have of their own. */
export interface SubInterfaceTraits {
  readonly words: SubInterfaceWords
  /** Whether each container has a MAC address of its own; otherwise all have the parent's. */
  ownsMac(options: SubInterfaceOptions): boolean
  kindOf(options: SubInterfaceOptions): SubInterfaceKind
  /** As of a driver. */
  roomOf(options: SubInterfaceOptions): number | undefined
  /** NETWORK_OPTION for a parent that others use in a way that leaves no room. */
  checkOthers(options: SubInterfaceOptions, others: readonly SubInterfaceOptions[]): void
}

/** A driver whose containers hang on a link of the host by interfaces of their own: the host neither routes nor filters for them. */
export function subInterfaceDriver(traits: SubInterfaceTraits): NetworkDriver {
  const { words } = traits
  const name = words.driver
  const optionsOf = ({ options }: Pick<Network, 'options'>): SubInterfaceOptions =>
    subInterfaceOptions(words, options)
  const parentOf = (network: Pick<Network, 'options'>): string | undefined => optionsOf(network).parent
  return {
    name,
    creatable: true,
    hasSubnets: true,
    checkOptions(options, others) {
      checkSubInterfaceOptions(words, options)
      checkOtherKind(name, subInterfaceOptions(words, options).parent, others)
      traits.checkOthers(
        subInterfaceOptions(words, options),
        others.filter(each => each.driver === name).map(optionsOf),
      )
    },
    checkMachine: (host, network) => checkParent(host, name, parentOf(network)),
    unknownOptions: options => unknownSubInterfaceOptions(words, options),
    hostBinding: () => undefined,
    setup: (host, network) => ensureParent(host, network, parentOf(network)),
    teardown: (host, network, others) => removeParent(host, network, parentOf(network), others.map(parentOf)),
    stands: (links, network) => links.has(parentName(network, parentOf(network))),
    observe: (links, network) => observeParent(links, network, parentOf(network)),
    settings: () => ({}),
    repair: (host, network) => ensureParent(host, network, parentOf(network)),
    roomOf: network => traits.roomOf(optionsOf(network)),
    sharedMac: (links, network) =>
      traits.ownsMac(optionsOf(network)) ? undefined : links.macOf(parentName(network, parentOf(network))),
    lingers: true,
    attach(endpoint, index, links): SetupOp[] {
      const { network, interfaceName, macAddress } = endpoint
      const options = optionsOf(network)
      const parent = parentName(network, options.parent)
      const link = createSubInterface({
        // Kernels before 6.14 look for name and index in the host's namespace, which has an eth0, too.
        name: `tm${endpoint.id.slice(0, 11)}`,
        index,
        link: indexOfParent(links, parent),
        kind: traits.kindOf(options),
        netnsFd: CONTAINER_NETNS_FD,
        ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
        ...(traits.ownsMac(options) ? { macAddress } : {}),
      })
      return [
        hostNetlink(`connect ${interfaceName} to ${parent}`, link),
        containerNetlink(`call it ${interfaceName}`, setLinkName(index, interfaceName)),
      ]
    },
    detach,
    // What is in the container is not seen from the host.
    observeEndpoint: () => [],
    reattach: () => [],
    mtuOf: network => optionsOf(network).mtu,
    gatewayOf: gatewayOnNetwork,
    firewall: () => undefined,
  }
}

function detach({ interfaceName }: Endpoint): SetupOp[] {
  return [containerNetlink(`remove ${interfaceName}`, deleteLink(interfaceName), [ERRNO.ENODEV])]
}

/** The kernel lets a link bear interfaces of one kind alone. NETWORK_OPTION. */
function checkOtherKind(driver: string, parent: string | undefined, others: readonly Network[]): void {
  const other = others.find(
    each =>
      each.driver !== driver &&
      (each.driver === 'macvlan' || each.driver === 'ipvlan') &&
      each.options['parent'] === parent,
  )
  if (parent === undefined || other === undefined) return
  throw failure({
    code: 'NETWORK_OPTION',
    kind: 'conflict',
    summary: `parent "${parent}" is that of network "${other.name}", whose driver is ${other.driver}: it bears one of both`,
  })
}

/** NETWORK_PARENT where it has gone since. */
function indexOfParent(links: Links, parent: string): number {
  const index = links.indexOf(parent)
  if (index !== undefined) return index
  throw noParent(parent)
}
