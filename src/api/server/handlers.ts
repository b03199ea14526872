import type { Backend } from '../backend/backend.ts'
import { buildHandlers } from './builds/handlers.ts'
import { archiveHandlers } from './containers/archive.ts'
import { lifecycleHandlers } from './containers/lifecycle.ts'
import { observeHandlers } from './containers/observe.ts'
import { execHandlers } from './exec/handlers.ts'
import type { Handlers } from './handler.ts'
import { imageHandlers } from './images/handlers.ts'
import { networkHandlers } from './networks/handlers.ts'
import { systemHandlers } from './system/handlers.ts'
import { volumeHandlers } from './volumes/handlers.ts'

/** A handler for every row of the route table. */
export function createHandlers(backend: Backend): Handlers {
  return {
    ...systemHandlers(backend.system),
    ...lifecycleHandlers(backend.containers),
    ...observeHandlers(backend.containers),
    ...archiveHandlers(backend.containers),
    ...execHandlers(backend.exec),
    ...imageHandlers(backend.images),
    ...buildHandlers(backend.build),
    ...networkHandlers(backend.networks),
    ...volumeHandlers(backend.volumes),
  }
}
