import { readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { type CgroupFilesystem, kernelCgroups } from './filesystem.ts'
import { parseLayout } from './layout.ts'
import { ensureTree } from './tree.ts'

/** What groups could be made, and have been removed again. */
export interface TriedGroups {
  readonly version: 1 | 2
  /** v1 hierarchies are mounted beside the v2 tree. */
  readonly isHybrid: boolean
  readonly hasUnified: boolean
  /** Controllers that limits can be written to. */
  readonly controllers: ReadonlySet<string>
}

/** Makes an engine's groups under this name as `openCgroups` does, and takes them away. Controllers that it hands down stay so. */
export function tryGroups(
  name: string,
  mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8'),
  files: CgroupFilesystem = kernelCgroups,
): TriedGroups {
  const layout = parseLayout(mountinfo)
  const { v1, unified, controllers } = ensureTree(layout, name, files)
  for (const path of [...v1.map(root => root.path), ...(unified === undefined ? [] : [unified])]) {
    try {
      files.rmdir(path)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
  return {
    version: layout.version,
    isHybrid: layout.v1.length > 0 && layout.unified !== undefined,
    hasUnified: unified !== undefined,
    controllers,
  }
}
