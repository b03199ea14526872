export { type AddressRequest, allocateAddress } from './allocate.ts'
export { type ReservedSubnets, reserveSubnets } from './reserve.ts'
export {
  familiesOf,
  familyOfSubnet,
  planSubnets,
  type Subnet,
  type SubnetConfig,
  type SubnetRequest,
  subnetsOf,
  type TakenAddresses,
} from './subnets.ts'
