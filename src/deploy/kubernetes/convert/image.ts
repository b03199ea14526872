import type { Container } from '../objects/pod.ts'
import type { Subject } from './context.ts'

/** The image to pull. One that is built here must be where nodes can pull it from. */
export function imageOf({ context, name, service, path }: Subject): string {
  const image = service.image ?? `${context.project.name}-${name}`
  if (service.image === undefined)
    context.notes.warn(
      'KUBERNETES_IMAGE',
      [...path, service.build === undefined ? 'image' : 'build'],
      `"${image}" is built here and in no registry`,
      'name it with image: REGISTRY/NAME:TAG, and build and push it before',
    )
  else if (service.build !== undefined)
    context.notes.choose([...path, 'image'], `image ${image}`, 'nodes pull it: build and push it before')
  return image
}

const POLICIES: Readonly<Record<string, Container['imagePullPolicy']>> = {
  always: 'Always',
  missing: 'IfNotPresent',
  if_not_present: 'IfNotPresent',
  never: 'Never',
}

/** When a node pulls; undefined leaves it to Kubernetes, which asks for `latest` always and for others once. */
export function pullPolicyOf({ context, service, path }: Subject): Container['imagePullPolicy'] {
  const { pull_policy: policy } = service
  if (policy === undefined || policy === 'build') return undefined
  const known = POLICIES[policy]
  if (known !== undefined) return known
  context.notes.warn(
    'KUBERNETES_ATTRIBUTE',
    [...path, 'pull_policy'],
    `Kubernetes does not pull an image anew by its age: "${policy}" is always here`,
  )
  return 'Always'
}
