import { failure } from '../../../diagnostics/index.ts'
import type { Handlers } from '../handler.ts'

/** Checkpoints: refused as by a Docker Engine that was not started with `--experimental`, in its words. */
export function checkpointHandlers(): Handlers<'checkpointList' | 'checkpointCreate' | 'checkpointRemove'> {
  return { checkpointList: refuse, checkpointCreate: refuse, checkpointRemove: refuse }
}

async function refuse(): Promise<never> {
  throw failure({
    code: 'CHECKPOINTS_UNSUPPORTED',
    kind: 'notImplemented',
    summary:
      'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.',
  })
}
