export { type AddressRequest, allocateAddress } from './allocate.ts'
export {
  familyOfSubnet,
  planSubnets,
  type Subnet,
  type SubnetConfig,
  type SubnetRequest,
  type TakenAddresses,
} from './subnets.ts'
