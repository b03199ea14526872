import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed } from './observed.ts'
import type { DownOptions } from './options.ts'
import type { Plan } from './plan.ts'

/** What `down` does; without a Compose file give it `projectFromLabels(observed)`. */
export function planDown(_project: Project, _observed: Observed, _options: DownOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planDown is being written' })
}
