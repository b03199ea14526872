import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Attributes } from './case.ts'

/** What a process of a service is, as Docker Compose 2.40 has it on Docker 28: recorded from there, line by line. */
export interface Recorded {
  readonly service: string
  readonly attributes: Attributes
  /** Capabilities and the like of /proc/self/status, `id`, `pwd`, variables but PATH, the OOM score of PID 1, and mounts where these are meant, without owners: in a user namespace these are told as the host has them. */
  readonly told: readonly string[]
}

export const RECORDED: readonly Recorded[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8'),
)
