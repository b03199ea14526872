import type { ContainerSummary } from '../api/types/index.ts'
import { nameOf } from './containers.ts'
import { connectRunningEngine, lettingGo } from './engine.ts'
import type { Environment } from './target.ts'

/** Names of all containers that an engine knows which runs already, for who completes a word; none without one. */
export async function containerNames(env: Environment): Promise<readonly string[]> {
  return (await listed(env)).map(nameOf).sort()
}

/** Names of all projects that have a container, in the same way. */
export async function projectNames(env: Environment): Promise<readonly string[]> {
  const projects = (await listed(env)).flatMap(({ Labels }) => Labels['com.docker.compose.project'] ?? [])
  return [...new Set(projects)].sort()
}

async function listed(env: Environment): Promise<readonly ContainerSummary[]> {
  const docker = await connectRunningEngine(env)
  if (docker === undefined) return []
  return lettingGo(docker, 'always', () => docker.listContainers({ all: true }))
}
