/** The application, for whoever calls it: typed options in, typed events and results out; no argv, no streams, no text. */

export { type ExecRequest, type ExecResult, exec } from './exec.ts'
export { Interrupted, ProjectFailure } from './failures.ts'
export { build, down, kill, remove, restart, start, stop } from './lifecycle.ts'
export { plan } from './plan.ts'
export { type ProjectContainer, type PsRequest, ps } from './ps.ts'
export type { Work, WorkOptions } from './run-plan.ts'
export type { Environment, Target } from './target.ts'
export { type UpRequest, up } from './up.ts'
