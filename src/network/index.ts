/**
 * Networks by their drivers, addresses, names, published ports and the firewall. Pure functions decide and render; the
 * only effects are in `Firewall`, a driver's `setup`, `teardown` and `repair`, `writeNames`, `removeNames`,
 * `readHostAddresses` and the two looks of `assignPorts` (`probePort`, `findPortHolder`). Kernel changes of a container
 * are returned as native operations (`networkProgram`, `connectOps`, `disconnectOps`).
 */
export { bridgeName } from './drivers/bridge-device.ts'
export type { Drift, Endpoint, Links, Network, NetworkDriver } from './drivers/driver.ts'
export { DRIVERS, driverNamed, driverOf, firewallNetworks, hostOf } from './drivers/index.ts'
export { SYSFS_LINKS, toldLinks } from './drivers/links.ts'
export { guardOp } from './firewall/anti-spoof.ts'
export { type EgressPolicy, egressChangeOp, egressOp } from './firewall/egress.ts'
export { learnedSet } from './firewall/egress-names.ts'
export { Firewall, type FirewallOptions } from './firewall/firewall.ts'
export type { FirewallState } from './firewall/firewall-state.ts'
export { foreignTables, removeTableOp } from './firewall/foreign-tables.ts'
export { ensureForwarding, isForwarding } from './firewall/forwarding.ts'
export { readRefusals, refusalOps } from './firewall/refusals.ts'
export { canonicalAddress, type Family, formatAddress, parseAddress } from './ip/address.ts'
export { newMacAddress } from './ip/mac-address.ts'
export { lies } from './ip/prefix.ts'
export { readHostAddresses, routesOfAllTables } from './ipam/host-addresses.ts'
export { type RouteClash, routeClashes } from './ipam/host-routes.ts'
export {
  type AddressRequest,
  allocateAddress,
  familiesOf,
  planSubnets,
  type ReservedSubnets,
  reserveSubnets,
  type Subnet,
  type SubnetConfig,
  type SubnetRequest,
  subnetsOf,
} from './ipam/index.ts'
export {
  type ExtraHost,
  type HostsFile,
  hostLines,
  parseExtraHost,
  renderHostname,
  renderHosts,
  resolveExtraHosts,
} from './names/hosts-files.ts'
export {
  type EndpointNames,
  endpointNames,
  isName,
  makeNamesFolder,
  type NamedEndpoint,
  type NamesFileTraits,
  namesFolder,
  readNamed,
  removeNames,
  renderNames,
  writeNames,
} from './names/names.ts'
export {
  asksInside,
  HOST_RESOLV_CONF,
  needsRelay,
  RESOLV_CONF_CHECKS,
  type ResolvConf,
  renderResolvConf,
  upstreamServers,
} from './names/resolv-conf.ts'
export { resolverPortOp } from './names/resolver-port.ts'
export { findPortHolder } from './ports/holder.ts'
export {
  assignPorts,
  contestedPorts,
  type HeldPort,
  keepPorts,
  type NetworkAddresses,
  type PortRequest,
  type PortWorld,
  publishable,
  refusedPorts,
  targetsOf,
  WORLD,
} from './ports/index.ts'
export {
  type ListedProtocol,
  listedSockets,
  listenerPlace,
  SOCKET_OPS,
  waitingSockets,
} from './ports/listening.ts'
export type { Protocol, PublishedPort, PublishedTarget } from './ports/published.ts'
export { announceOps, announcing } from './program/announce.ts'
export { connectOps, disconnectOps, roomOps } from './program/endpoints.ts'
export { type ForeignWay, foreignWays, removeWaysOps } from './program/foreign-routes.ts'
export { mendInsideOps } from './program/mend-inside.ts'
export {
  generationOps,
  HOST_OPS,
  type Inside,
  insideOps,
  lostRules,
  observeInside,
  parseGeneration,
  readInside,
  tablesOps,
  type WantedInside,
} from './program/observe-inside.ts'
export {
  type ContainerNetwork,
  interfaceSysctls,
  type NetworkOps,
  networkProgram,
  publishOps,
  type RelayConfinement,
} from './program/program.ts'
export { lookOps, type NamespaceContent, namespaceContent } from './program/rejoin.ts'
export { Shortcut } from './shortcut/shortcut.ts'
export { COMERS, SENDERS } from './sleep/comers.ts'
export { holdRefusals, holdRefusalsOp, letRefusalsGo } from './sleep/held-refusals.ts'
