/** What a container may do: capabilities, system calls, devices, hidden paths, sysctls. */
export { type CapabilityRequest, capabilityBit, namesOf, resolveCapabilities } from './capabilities.ts'
export { type DeviceMapping, numbersOfDevice } from './devices.ts'
export {
  FIRST_ID,
  HIGHEST_GROUPS,
  idMaps,
  type Owner,
  outsideOfRoot,
  USERNS_IDS,
} from './id-maps.ts'
export { READONLY_PATHS } from './paths.ts'
export { frontConfinement, relayConfinement } from './relay.ts'
export type { SeccompOption } from './seccomp/index.ts'
export { namespaceOfSysctl, sysctlName } from './sysctls.ts'
