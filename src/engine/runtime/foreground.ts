import type { Program } from '../../native/index.ts'
import { compileIsolated } from './container.ts'
import type { Host } from './host.ts'
import type { ForegroundSpec } from './spec.ts'

const PRIVATE = { kind: 'private' } as const

/** The program of the image builder's RUN, for `Native.runForeground`: same isolation, no monitor, log or restart. */
export function compileForeground(spec: ForegroundSpec, host: Host): Program {
  return compileIsolated(
    {
      ...spec,
      namespaces: { pid: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE, net: spec.net },
      security: spec.security ?? {},
      limits: spec.limits ?? {},
    },
    host,
  )
}
