/** Control groups: one interface over the v1 (hybrid) and the v2 layout. */
export type { Limits } from './limits.ts'
export type * from './types.ts'
