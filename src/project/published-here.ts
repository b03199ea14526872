import type { Project, Service } from '../model/index.ts'
import { atOwnAddress } from './instances.ts'
import { publishedAsChosen } from './publish-choice.ts'
import type { Environment } from './target.ts'

/**
 * The project with its ports where this machine publishes them: an instance's at its own address, others as is chosen. What is published already
 * stays where it is. Failure PUBLISH_INVALID.
 */
export function publishedHere(project: Project, env: Environment): Project {
  return publishedAsChosen(atOwnAddress(project, env), env)
}

/** The same of a service that is made of one of the project's: its ports may be others than the file's. */
export function serviceHere(service: Service, project: Project, env: Environment): Service {
  const only = { ...project, model: { ...project.model, services: { service } } }
  return publishedHere(only, env).model.services['service'] ?? service
}
