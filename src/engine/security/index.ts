/** What a container may do: capabilities, system calls, devices, hidden paths, sysctls. */
export {
  ALL_CAPABILITIES,
  type CapabilityRequest,
  capabilityBit,
  DEFAULT_CAPABILITIES,
  namesOf,
  resolveCapabilities,
} from './capabilities.ts'
export type { DeviceMapping } from './devices.ts'
export { relayConfinement } from './relay.ts'
export type { SeccompOption } from './seccomp/index.ts'
