import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed } from './observed.ts'
import type { PullOptions } from './options.ts'
import type { Plan } from './plan.ts'

/** What `pull` does: the images of the selected services, each once. */
export function planPull(_project: Project, _observed: Observed, _options: PullOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planPull is being written' })
}
