import { failure } from '../../diagnostics/index.ts'
import type { Program } from '../../native/index.ts'
import type { Host } from './host.ts'
import type { RuntimeSpec } from './spec.ts'

/**
 * The program of a container, for `Native.startMonitor`. The groups of `host.cgroups.ensure(spec.id, spec.limits)`
 * must exist when it runs. Fails with a `Failure` of kind `invalidArgument` when the spec asks for what does not exist
 * (`CAPABILITY_UNKNOWN`, `SECCOMP_PROFILE_INVALID`, `DEVICE_NOT_FOUND` …).
 */
export function compileContainer(spec: RuntimeSpec, host: Host): Program {
  throw failure({
    code: 'NOT_YET',
    kind: 'notImplemented',
    summary: `compile ${spec.id} ${host.architecture}`,
  })
}
