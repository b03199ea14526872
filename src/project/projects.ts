import type { ContainerStatus, ContainerSummary } from '../api/types/index.ts'
import { compareNames, configFilesOf, isOfCompose, projectOf } from './containers.ts'
import { look } from './look.ts'
import { environmentOf, type Target } from './target.ts'

/** A project that has containers, whatever folder it is of. */
export interface ListedProject {
  readonly name: string
  /** How many of its containers have each state. */
  readonly states: Readonly<Partial<Record<ContainerStatus, number>>>
  /** The engine puts right what drifts of it as it goes. */
  readonly mended: boolean
  /** Paths of the Compose files that its containers were made from. */
  readonly configFiles: readonly string[]
  /** Of one of several of the same files: which, and where its ports are. */
  readonly instance?: ListedInstance
}

export interface ListedInstance {
  readonly name: string
  readonly address: string
  /** Its name at localhost; empty where it publishes nothing by TCP, or has no engine of ours. */
  readonly host: string
  /** Ports of it at which the name does not answer, since others have them. */
  readonly silent: readonly number[]
}

export interface ProjectsRequest {
  /** Those of which nothing runs, too. */
  readonly all?: boolean
}

interface Found {
  instance?: ListedInstance
  readonly states: Partial<Record<ContainerStatus, number>>
  readonly files: Set<string>
  mended: boolean
}

/** With what another container has told of it. */
function instanceOf(
  { Labels, TscomposeNames: names = [] }: ContainerSummary,
  known: ListedInstance | undefined,
): { readonly instance?: ListedInstance } {
  const { 'com.tscompose.instance': name, 'com.tscompose.address': address = '' } = Labels
  if (name === undefined) return {}
  const silent = names.flatMap(({ Port, Answers }) => (Answers ? [] : Port))
  const host = names[0]?.Host ?? known?.host ?? ''
  return { instance: { name, address, host, silent: [...(known?.silent ?? []), ...silent] } }
}

/** The projects of an engine that have running containers, sorted by name: of the target nothing but `env` counts. */
export async function projects(
  target: Pick<Target, 'env'> = {},
  { all = false }: ProjectsRequest = {},
): Promise<readonly ListedProject[]> {
  const containers = await look(environmentOf(target), all ? 'all' : 'running', docker =>
    docker.listContainers({ all, filters: { label: ['com.docker.compose.project'] } }),
  )
  const found = new Map<string, Found>()
  for (const container of containers.filter(isOfCompose)) {
    const name = projectOf(container)
    const project = found.get(name) ?? {
      states: {},
      files: new Set<string>(),
      mended: false,
    }
    found.set(name, Object.assign(project, instanceOf(container, project.instance)))
    project.states[container.State] = (project.states[container.State] ?? 0) + 1
    project.mended ||= container.TscomposeMended === true
    for (const file of configFilesOf(container)) project.files.add(file)
  }
  return [...found]
    .map(([name, { files, ...rest }]) => ({ name, ...rest, configFiles: [...files] }))
    .sort((a, b) => compareNames(a.name, b.name))
}
