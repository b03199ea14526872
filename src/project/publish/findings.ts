import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { isSecretName } from '../../planner/spec/mask.ts'

/** What somebody who publishes a project should know that he does. */
export interface PublishFindings {
  /** `web: /home/me/data:/data` for each bind: its source is told, its content is not. */
  readonly bindMounts: readonly string[]
  /** `web: DB_PASSWORD` for what looks like a secret, and contents of configs that are written out. */
  readonly secrets: readonly string[]
}

/** Looks at what would be published with a project. */
export function findingsOf({ model }: Project, withEnvironment: boolean): PublishFindings {
  const services = Object.entries(model.services)
  return {
    bindMounts: services.flatMap(([name, { volumes = [] }]) =>
      volumes
        .filter(({ type }) => type === 'bind')
        .map(({ source, target }) => `${name}: ${source ?? ''}:${target ?? ''}`),
    ),
    secrets: [
      ...services.flatMap(([name, { environment = {} }]) =>
        withEnvironment
          ? Object.entries(environment)
              .filter(([key, value]) => value !== null && value !== '' && isSecretName(key))
              .map(([key]) => `${name}: ${key}`)
          : [],
      ),
      ...Object.entries({ ...model.configs, ...model.secrets })
        .filter(([, { content }]) => content !== undefined)
        .map(([name]) => `${name}: its content`),
    ],
  }
}

/** Raises PUBLISH_UNFIT for services that nobody else could run, and PUBLISH_ENVIRONMENT for variables that nobody said may be told. */
export function checkPublishable({ model }: Project, withEnvironment: boolean): void {
  const services = Object.entries(model.services)
  const built = services.filter(([, { image, build }]) => build !== undefined && image === undefined)
  if (built.length > 0)
    throw failure({
      code: 'PUBLISH_UNFIT',
      kind: 'invalidArgument',
      summary: `nobody else can run what is only built: ${built.map(([name]) => name).join(', ')}`,
      hint: 'give each of these services an image: as well, which is pushed',
    })
  const told = services.filter(
    ([, { environment = {}, env_file = [] }]) => Object.keys(environment).length + env_file.length > 0,
  )
  if (told.length === 0 || withEnvironment) return
  throw failure({
    code: 'PUBLISH_ENVIRONMENT',
    kind: 'invalidArgument',
    summary: `variables would be published: those of ${told.map(([name]) => name).join(', ')}`,
    hint: '--with-env does it, if there is no secret among them',
  })
}
