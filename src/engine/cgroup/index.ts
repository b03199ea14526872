/** Control groups: one interface over the v1 (hybrid) and the v2 layout. */
export type { CgroupFilesystem } from './filesystem.ts'
export type { BlkioDeviceLimit, Limits } from './limits.ts'
export { findVictim, readKernelLog } from './oom.ts'
export { type CgroupOptions, openCgroups, openOwnGroup } from './open.ts'
export type { OwnGroup } from './own-group.ts'
export { procSources } from './proc-sources.ts'
export { type TriedGroups, tryGroups } from './trial.ts'
export type * from './types.ts'
