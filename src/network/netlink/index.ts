export { addAddress, dumpAddresses, type LinkAddress, parseAddresses, removeAddress } from './address.ts'
export {
  dumpRoutingRules,
  parseRoutingRules,
  parseSetRoutes,
  type RoutingRule,
  routeText,
  type SetRoute,
} from './foreign-routes.ts'
export {
  type BridgePort,
  createBridge,
  createVethPair,
  deleteLink,
  deleteLinks,
  IFF_UP,
  setBridgePort,
  setLinkAlias,
  setLinkGroup,
  setLinkMac,
  setLinkMaster,
  setLinkMtu,
  setLinkName,
  setLinkUp,
  setNoLinkLocal,
} from './link.ts'
export { dumpLinks, type Link, parseLinks } from './link-list.ts'
export type { Listing } from './message.ts'
export { PROTOCOL, type TableFamily } from './nft-attribute.ts'
export { dumpElements, parseElements } from './nft-elements.ts'
export type { HeaderPart } from './nft-expression.ts'
export {
  dumpChains,
  dumpTables,
  type ListedChain,
  type ListedTable,
  parseChains,
  parseTables,
} from './nft-list.ts'
export {
  connectionHas,
  conntrackMatch,
  familyIs,
  headerBegins,
  headerBetween,
  headerIn,
  headerIs,
  headerIsNot,
  linkIn,
  linkIs,
  linkIsNot,
  markIs,
  protocolIs,
  toOwnAddress,
} from './nft-match.ts'
export { countTarget, reject, resetTcp } from './nft-refuse.ts'
export { dropsRest } from './nft-rest.ts'
export { dumpRules, type ListedRule, parseRules, ruleWords } from './nft-rules.ts'
export {
  concatenated,
  type DataType,
  newElements,
  newSet,
  portBytes,
  removeElements,
  removeSet,
  type SetElement,
  type SetPlace,
} from './nft-set.ts'
export {
  counter,
  goto,
  jumpTo,
  masquerade,
  setHeader,
  translate,
  translateTo,
  verdict,
} from './nft-statement.ts'
export { askGeneration, dumpAllRules, type ListedTables, lostChain, parseGeneration } from './nft-written.ts'
export {
  type BaseChain,
  type ChainPlace,
  type Hook,
  insertRule,
  newBaseChain,
  newChain,
  newRule,
  newTable,
  nftBatch,
  removeChain,
  removeRule,
  removeRules,
  removeTable,
} from './nftables.ts'
export { containerNetlink, hostNetlink } from './operation.ts'
export { BytePatterns } from './pattern.ts'
export {
  deleteDefaultRoute,
  dumpAllRoutes,
  dumpRoutes,
  parseRoutePrefixes,
  parseRoutes,
  type Route,
  setDefaultRoute,
  setLinkRoute,
} from './route.ts'
export { dumpSockets, parseSockets } from './socket-list.ts'
export {
  createSubInterface,
  createVlan,
  IPVLAN_FLAGS,
  IPVLAN_MODES,
  MACVLAN_MODES,
  newLinkOfKind,
  type SubInterfaceKind,
} from './sub-interface.ts'
