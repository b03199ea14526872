/**
 * Bridges, veth pairs, addresses, names, published ports and the firewall of our networks.
 * Pure functions decide and render; the only effects are in `Firewall`, `ensureBridge`, `ensureForwarding`,
 * `writeNames`, `removeNames`, `readHostAddresses` and the two looks of `assignPorts` (`probePort`, `findPortHolder`).
 * Kernel changes of a container are returned as native operations (`networkProgram`).
 */
export { bridgeName, ensureBridge, removeBridgeOps } from './bridge.ts'
export { Firewall, type FirewallOptions } from './firewall.ts'
export { ensureForwarding } from './forwarding.ts'
export { type HostAddresses, hasOtherRouteTables, readHostAddresses } from './host-addresses.ts'
export { type HostsFile, renderHostname, renderHosts, resolveExtraHosts } from './hosts-files.ts'
export {
  type AddressRequest,
  allocateAddress,
  planSubnets,
  type SubnetConfig,
  type SubnetRequest,
  type TakenAddresses,
} from './ipam/index.ts'
export {
  type EndpointNames,
  endpointNames,
  type NamedEndpoint,
  readNamed,
  removeNames,
  writeNames,
} from './names.ts'
export type { FirewallState } from './nftables.ts'
export {
  assignPorts,
  type HeldPort,
  type NetworkAddresses,
  type PortBindings,
  type PortRequest,
  type PortWorld,
  type ProbeResult,
  parsePortBindings,
  targetsOf,
} from './ports/index.ts'
export {
  type ContainerNetwork,
  type NetworkOps,
  namesFolder,
  networkProgram,
  type RelayConfinement,
} from './program.ts'
export { asksInside, needsRelay, type ResolvConf, renderResolvConf, upstreamServers } from './resolv-conf.ts'
export type {
  BridgeNetwork,
  Endpoint,
  Family,
  Protocol,
  PublishedPort,
  PublishedTarget,
  Subnet,
} from './types.ts'
export { connectOps, disconnectOps, endpointOps, newMacAddress, vethName } from './veth.ts'
