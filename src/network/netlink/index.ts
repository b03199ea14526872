export { addAddress, dumpAddresses, type LinkAddress, parseAddresses } from './address.ts'
export {
  createBridge,
  createVethPair,
  deleteLink,
  dumpLinks,
  INTERFACE_NAME_MAX,
  type Link,
  parseLinks,
  setLinkMtu,
  setLinkUp,
} from './link.ts'
export { deleteDefaultRoute, setDefaultRoute } from './route.ts'
