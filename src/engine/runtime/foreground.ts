import { failure } from '../../diagnostics/index.ts'
import type { Program } from '../../native/index.ts'
import type { Host } from './host.ts'
import type { ForegroundSpec } from './spec.ts'

/** The program of the image builder's RUN, for `Native.runForeground`: same isolation, no monitor, log or restart. */
export function compileForeground(spec: ForegroundSpec, host: Host): Program {
  throw failure({
    code: 'NOT_YET',
    kind: 'notImplemented',
    summary: `foreground ${spec.id} ${host.architecture}`,
  })
}
