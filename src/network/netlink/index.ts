export { addAddress, dumpAddresses, type LinkAddress, parseAddresses } from './address.ts'
export {
  createBridge,
  createVethPair,
  deleteLink,
  dumpLinks,
  isolatePort,
  type Link,
  parseLinks,
  setLinkMtu,
  setLinkUp,
  setNoLinkLocal,
} from './link.ts'
export {
  goto,
  type HeaderPart,
  headerIs,
  headerIsNot,
  protocolIs,
  setHeader,
  verdict,
} from './nft-expression.ts'
export {
  type BaseChain,
  type ChainPlace,
  newBaseChain,
  newChain,
  newRule,
  newTable,
  nftBatch,
  removeTable,
} from './nftables.ts'
export { containerNetlink, hostNetlink } from './operation.ts'
export { deleteDefaultRoute, dumpRoutes, parseRoutePrefixes, setDefaultRoute } from './route.ts'
