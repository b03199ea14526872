import type { Docker } from '../../client/index.ts'
import type { ObservedStack, PinnedImage, ResolveImage, Stack } from '../../deploy/swarm/index.ts'
import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import { FewAtOnce } from '../../linux/few-at-once.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { DeployRequest, DeployWork } from '../cluster/cluster.ts'
import { push } from '../lifecycle.ts'
import type { Target } from '../target.ts'
import { credentialsOnce } from './credentials.ts'

/** Calls of a manager at once, unless `--parallel` says otherwise: it writes one change after the other, and each call has a connection. */
export const CALLS_AT_ONCE = 64

/** What registries have, and of which images they have nothing. */
export interface Resolved {
  readonly images: ReadonlyMap<string, PinnedImage>
  /** Warnings, and errors for images that only registries could have: they are built by the file. A plan only warns of what is to be pushed. */
  readonly findings: readonly Diagnostic[]
}

/**
 * Sends images that services build to the registries that the file names, unless `push` is false; what is not here is left to
 * `resolveImages`, which refuses what its registry does not have either. Raises what pushing raises.
 */
export async function pushBuilt(
  target: Target,
  stack: Stack,
  request: DeployRequest,
  { onEvent, signal }: DeployWork,
): Promise<void> {
  const services = stack.services.filter(({ isBuilt }) => isBuilt).map(({ key }) => key)
  if (services.length === 0 || request.push === false) return
  await push(target, {
    services,
    onlyPresent: true,
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Asks registries by the manager for the digests of images, each once, as `docker stack deploy` does for each service. */
export async function resolveImages(
  docker: Docker,
  stack: Stack,
  observed: ObservedStack,
  mode: ResolveImage,
  isToPush: boolean,
): Promise<Resolved> {
  const { needsDigest } = await import('../../deploy/swarm/index.ts')
  const asked = stack.services.filter(({ name, image }) =>
    needsDigest(mode, image, observed.services.find(({ Spec }) => Spec.Name === name)?.Spec),
  )
  const names = [...new Set(asked.map(({ image }) => image))]
  const authOf = credentialsOnce()
  const calls = new FewAtOnce(CALLS_AT_ONCE)
  const answers = await Promise.all(
    names.map(async image => [image, await calls.run(() => pinned(docker, image, authOf))] as const),
  )
  const images = new Map<string, PinnedImage>()
  const findings: Diagnostic[] = []
  for (const [image, answer] of answers) {
    if (!(answer instanceof Failure)) {
      images.set(image, answer)
      continue
    }
    const users = asked.filter(each => each.image === image)
    const builders = users.filter(({ isBuilt }) => isBuilt)
    for (const { key, place } of builders)
      findings.push({
        severity: isToPush ? 'warning' : 'error',
        code: 'SWARM_IMAGE',
        ...place,
        summary: `the image "${image}" of "${key}" is built here and not in its registry: ${answer.message}`,
        hint: `build it: tscompose build ${key}; deploy pushes it then, without --no-push`,
      })
    if (builders.length < users.length)
      findings.push({
        severity: 'warning',
        code: 'SWARM_DIGEST',
        ...users.find(({ isBuilt }) => !isBuilt)?.place,
        summary: `no registry has said the digest of "${image}": each node takes what it has or finds, which may be different images (${answer.message})`,
      })
  }
  return { images, findings }
}

async function pinned(
  docker: Docker,
  image: string,
  authOf: ReturnType<typeof credentialsOnce>,
): Promise<PinnedImage | Failure> {
  try {
    const authconfig = await authOf(image)
    const { Descriptor, Platforms } = await docker
      .getImage(image)
      .distribution(authconfig === undefined ? {} : { authconfig })
    return {
      reference: familiarReference({ ...parseReference(image), digest: Descriptor.digest }),
      // A node says "armv7l" and the like where a registry says "arm": any is let in then, as Docker does.
      platforms: (Platforms ?? []).map(({ architecture, os }) =>
        architecture.toLowerCase() === 'arm' ? { OS: os } : { Architecture: architecture, OS: os },
      ),
    }
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}
