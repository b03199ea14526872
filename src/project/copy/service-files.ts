import type { ContainerSummary } from '../../api/types/index.ts'
import type { Container, Docker } from '../../client/index.ts'
import { nameOf } from '../containers.ts'
import { withEngine } from '../engine.ts'
import { checkFolder } from '../other-folder.ts'
import { resolveProject } from '../project-name.ts'
import type { ProgressListener } from '../run-plan.ts'
import { serviceContainers } from '../service-container.ts'
import { environmentOf, type Target } from '../target.ts'

/** A path in a service's containers. */
export interface ServicePath {
  readonly service: string
  readonly path: string
}

/** How files are copied between here and the containers of a service. */
export interface CopyRequest {
  /** This container of a service that has several. */
  readonly index?: number
  /** Copy what a link leads to, where the source is one. */
  readonly followLink?: boolean
  readonly onEvent?: ProgressListener
  /** Looks for everything and copies nothing. */
  readonly dryRun?: boolean
}

/** A container that is copied from or to. */
export interface CopiedContainer {
  readonly name: string
  readonly container: Container
}

/**
 * Gives a service's containers to a work, those that do not run as well; `changes`: which does something to them. Errors: NO_CONTAINER, NO_SUCH_SERVICE,
 * PROJECT_OF_OTHER_FOLDER.
 */
export async function withContainers<T>(
  target: Target,
  service: string,
  {
    index,
    oneOffs = false,
    changes = false,
  }: { readonly index?: number | undefined; readonly oneOffs?: boolean; readonly changes?: boolean },
  work: (containers: readonly CopiedContainer[]) => Promise<T>,
): Promise<T> {
  const { name, project } = await resolveProject(target, { needsModel: changes })
  return withEngine(environmentOf(target), async docker => {
    if (changes && project !== undefined) await checkFolder({ target, project, docker })
    const found = await serviceContainers(target, docker, { project: name, service, index }, oneOffs)
    return work(found.map(summary => copied(docker, summary)))
  })
}

function copied(docker: Docker, summary: ContainerSummary): CopiedContainer {
  return { name: nameOf(summary), container: docker.getContainer(summary.Id) }
}

/** Words of what is done with a container's files. */
const WORDS = {
  copy: ['Copying', 'Copied'],
  commit: ['Committing', 'Committed'],
  export: ['Exporting', 'Exported'],
} as const

/** Tells of work as it begins and ends, with what `work` says of its outcome; of a dry run there is nothing to tell. */
export async function telling<T extends string | undefined>(
  what: keyof typeof WORDS,
  name: string,
  { onEvent, dryRun = false }: Pick<CopyRequest, 'onEvent' | 'dryRun'>,
  work: () => Promise<T>,
): Promise<T> {
  const event = { operation: `${what}:${name}`, resource: `Container ${name}`, kind: 'Container', name }
  const [begins, ends] = WORDS[what]
  if (!dryRun) onEvent?.({ ...event, status: 'working', text: begins })
  const detail = await work()
  if (!dryRun)
    onEvent?.({ ...event, status: 'done', text: ends, ...(detail === undefined ? {} : { detail }) })
  return detail
}
