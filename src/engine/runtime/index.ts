/** Containers as native programs: the one place that decides in which order a container is built. */
export { compileContainer, PATIENCE } from './container.ts'
export { compileExec } from './exec.ts'
export { compileForeground } from './foreground.ts'
export { type Host, type HostOptions, observeHost } from './host.ts'
export type * from './spec.ts'
