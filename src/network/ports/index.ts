export { assignPorts, type HeldPort, type PortWorld } from './assign.ts'
export { type PortBindings, type PortRequest, parsePortBindings } from './parse.ts'
export type { ProbeResult } from './probe.ts'
export { type NetworkAddresses, targetsOf } from './targets.ts'
