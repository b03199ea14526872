import { join } from 'node:path'

/** Where this engine keeps its state, moved by TSCOMPOSE_ROOT and TSCOMPOSE_RUN (docs/architecture.md, "State on disk"). */
export interface StatePaths {
  readonly root: string
  readonly run: string
  /** The engine's API socket. */
  readonly socket: string
}

export function statePaths(env: Readonly<Record<string, string | undefined>>): StatePaths {
  const run = env['TSCOMPOSE_RUN'] || '/run/tscompose'
  return { root: env['TSCOMPOSE_ROOT'] || '/var/lib/tscompose', run, socket: join(run, 'engine.sock') }
}
