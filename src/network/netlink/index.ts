export { addAddress, dumpAddresses, type LinkAddress, parseAddresses } from './address.ts'
export {
  createBridge,
  createVethPair,
  deleteLink,
  dumpLinks,
  INTERFACE_NAME_MAX,
  isolatePort,
  type Link,
  parseLinks,
  setLinkMtu,
  setLinkUp,
  setNoLinkLocal,
} from './link.ts'
export { type HeaderPart, headerIs, protocolIs, setHeader } from './nft-expression.ts'
export { newOutputChain, newTable, nftBatch, type OutputChain } from './nftables.ts'
export { deleteDefaultRoute, dumpRoutes, parseRoutePrefixes, setDefaultRoute } from './route.ts'
