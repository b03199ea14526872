export { assignPorts, type HeldPort, type PortRequest, type PortWorld } from './assign.ts'
export type { ProbeResult } from './probe.ts'
export { type NetworkAddresses, targetsOf } from './targets.ts'
