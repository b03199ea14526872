export { assignPorts, type HeldPort, type PortRequest, refusedPorts } from './assign.ts'
export { contestedPorts, keepPorts } from './keep.ts'
export { type PortWorld, WORLD } from './port-world.ts'
export { type NetworkAddresses, publishable, targetsOf } from './targets.ts'
