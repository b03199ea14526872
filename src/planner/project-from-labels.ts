import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed } from './observed.ts'

/** The project as its containers, networks and volumes tell by their labels: for commands without a Compose file. */
export function projectFromLabels(_observed: Observed): Project {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'projectFromLabels is being written' })
}
