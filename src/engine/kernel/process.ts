import { startTimeOf } from '../../linux/process-identity.ts'
import type { ContainerSight, Thing } from './thing.ts'

/** The first process of a container. */
export const PROCESS: Thing<ContainerSight> = {
  paths: ['process'],
  isGround: true,
  // What was seen of it was seen of the process that lived then.
  basis: ({ made, seen }) => seen?.process && [made],
  // Its number and its start were looked at as well.
  untouched: ({ seen }) => seen?.process !== undefined,
  observe({ container }) {
    const status = container.live?.status
    if (status === undefined) return []
    const got = startTimeOf(status.pid)
    if (got === status.pidStartTime) return []
    return [
      { Path: 'process', Want: String(status.pid), Got: got === undefined ? 'gone' : 'another process' },
    ]
  },
}
