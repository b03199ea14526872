/**
 * Bridges, veth pairs, addresses, names, published ports and the firewall of our networks.
 * Pure functions decide and render; the only effects are in `Firewall`, `writeNames`, `readHostAddresses`,
 * `probePort`, `findPortHolder` and `ensureForwarding`. Kernel changes are returned as native `Op`s.
 */
export { bridgeName, ensureBridgeOps, removeBridgeOps } from './bridge.ts'
export { Firewall, type FirewallOptions } from './firewall.ts'
export { ensureForwarding } from './forwarding.ts'
export { type HostAddresses, parseHostAddresses, readHostAddresses } from './host-addresses.ts'
export {
  type HostsFile,
  type ResolvConf,
  renderHostname,
  renderHosts,
  renderResolvConf,
  resolveExtraHosts,
  upstreamServers,
} from './hosts-files.ts'
export { type AddressRequest, allocateAddress, planSubnets, type SubnetRequest } from './ipam.ts'
export {
  type EndpointNames,
  endpointNames,
  type NamedEndpoint,
  removeNames,
  renderNames,
  writeNames,
} from './names.ts'
export { type FirewallState, renderRuleset, tableName } from './nftables.ts'
export {
  assignPorts,
  findPortHolder,
  type HeldPort,
  type PortRequest,
  parsePortBindings,
  probePort,
  targetsOf,
} from './ports.ts'
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
