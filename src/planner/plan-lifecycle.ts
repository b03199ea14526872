import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed } from './observed.ts'
import type { KillOptions, RemoveOptions, ServiceOptions } from './options.ts'
import type { Plan } from './plan.ts'

/** What `start` does: dependency order with its waits; a selected service without a container is a Failure. */
export function planStart(_project: Project, _observed: Observed, _options: ServiceOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planStart is being written' })
}

/** What `stop` does: reverse dependency order. */
export function planStop(_project: Project, _observed: Observed, _options: ServiceOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planStop is being written' })
}

/** What `restart` does: along the edges with `restart: true`. */
export function planRestart(_project: Project, _observed: Observed, _options: ServiceOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planRestart is being written' })
}

/** What `kill` does. */
export function planKill(_project: Project, _observed: Observed, _options: KillOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planKill is being written' })
}

/** What `rm` does: stopped containers alone, unless `stop`. */
export function planRemove(_project: Project, _observed: Observed, _options: RemoveOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planRemove is being written' })
}
