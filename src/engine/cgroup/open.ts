import { readFileSync } from 'node:fs'
import { type CgroupFilesystem, kernelCgroups } from './filesystem.ts'
import { ContainerGroups } from './groups.ts'
import { type CgroupLayout, parseLayout } from './layout.ts'
import { OwnGroup } from './own-group.ts'

/** Options of `openCgroups`; `mountinfo` and `files` are for tests. */
export interface CgroupOptions {
  /** Empty for the default ROOT. */
  readonly engineId: string
  readonly mountinfo?: string
  readonly files?: CgroupFilesystem
}

/** Detects the layout and makes the engine's own folders. Never fails for what is missing: see `warnings`. */
export function openCgroups(options: CgroupOptions): ContainerGroups {
  return new ContainerGroups(...placeOf(options))
}

/** The group that everybody is in, of the v2 tree; undefined where there is none. */
export function everybody(): string | undefined {
  return parseLayout(readFileSync('/proc/self/mountinfo', 'utf8')).unified
}

/** The group of this very process, not entered yet. */
export function openOwnGroup(options: CgroupOptions): OwnGroup {
  return new OwnGroup(...placeOf(options))
}

function placeOf(options: CgroupOptions): [CgroupLayout, string, CgroupFilesystem] {
  const mountinfo = options.mountinfo ?? readFileSync('/proc/self/mountinfo', 'utf8')
  const name = options.engineId === '' ? 'tscompose' : `tscompose-${options.engineId}`
  return [parseLayout(mountinfo), name, options.files ?? kernelCgroups]
}
