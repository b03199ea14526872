import { join, resolve } from 'node:path'

/** Where this engine keeps its state, moved by TSCOMPOSE_ROOT and TSCOMPOSE_RUN (docs/architecture.md, "State on disk"). */
export interface StatePaths {
  readonly root: string
  readonly run: string
  /** The engine's API socket. */
  readonly socket: string
}

export function statePaths(env: Readonly<Record<string, string | undefined>>): StatePaths {
  const run = resolve(env['TSCOMPOSE_RUN'] || '/run/tscompose')
  const root = resolve(env['TSCOMPOSE_ROOT'] || '/var/lib/tscompose')
  return { root, run, socket: join(run, 'engine.sock') }
}

/** Where an engine says, in RUN, which build it is of. */
export const BUILD_FILE = 'engine.build'
/** Beside it, made by who tells of it first; the next engine removes it. */
export const TOLD_FILE = 'engine.build.told'
