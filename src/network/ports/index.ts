export { assignPorts, type HeldPort, type PortRequest, type PortWorld, WORLD } from './assign.ts'
export type { ProbeResult } from './probe.ts'
export { type NetworkAddresses, publishable, targetsOf } from './targets.ts'
