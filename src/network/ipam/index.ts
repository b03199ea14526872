export { type AddressRequest, allocateAddress } from './allocate.ts'
export { planSubnets, type SubnetConfig, type SubnetRequest, type TakenAddresses } from './subnets.ts'
