/** Containers as native programs: the one place that decides in which order a container is built. */
export {
  compileContainer,
  compileDeviceRules,
  compileIsolated,
  compileMounted,
  type IsolatedSpec,
} from './container.ts'
export { confinementOf } from './credentials.ts'
export { compileExec } from './exec.ts'
export { type CompilerHost, type Host, type HostOptions, observeHost } from './host.ts'
export { type Machine, THIS_MACHINE } from './machine.ts'
export type * from './spec.ts'
export { PATIENCE } from './supervise.ts'
