export {
  assignPorts,
  type HeldPort,
  type PortRequest,
  type PortWorld,
  refusedPorts,
  WORLD,
} from './assign.ts'
export { type NetworkAddresses, publishable, targetsOf } from './targets.ts'
