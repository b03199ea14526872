/** Control groups: one interface over the v1 (hybrid) and the v2 layout. */
export type { CgroupFilesystem } from './filesystem.ts'
export type { BlkioDeviceLimit, Limits } from './limits.ts'
export { DEFAULT_PIDS_LIMIT } from './limits.ts'
export { type CgroupOptions, openCgroups } from './open.ts'
export type * from './types.ts'
