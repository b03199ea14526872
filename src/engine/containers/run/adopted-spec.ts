import { join } from 'node:path'
import { Failure } from '../../../diagnostics/index.ts'
import { currentNamespace } from '../../groups/user-mapping.ts'
import { describeMount } from '../../mounts/prepare.ts'
import { type ResolvedUser, resolveUser } from '../../rootfs/index.ts'
import type { RuntimeSpec } from '../../runtime/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { buildSpec } from './spec.ts'

const NO_NETWORK = { setup: [], supervise: [], sysctls: [] }

/**
 * The description of a container that an earlier engine started, made from its record when an exec first needs it. The
 * network part is left out: an exec joins what is there.
 */
export function adoptedSpec(engine: EngineContext, container: Container): () => Promise<RuntimeSpec> {
  let found: Promise<RuntimeSpec> | undefined
  return () => {
    found ??= describe(engine, container)
    found.catch(() => {
      found = undefined
    })
    return found
  }
}

async function describe(engine: EngineContext, container: Container): Promise<RuntimeSpec> {
  const { imageId, mounts } = container.record
  const { user, groupAdd } = container.terms.process
  const [layers, database] = await Promise.all([
    engine.images.layersOf(imageId),
    engine.users.ofContainer(imageId, container.paths),
  ])
  const { etc } = container.paths
  const userNamespace = currentNamespace(container)
  return buildSpec(engine, container, {
    layers,
    mounts: await Promise.all(mounts.map(mount => describeMount(engine, mount))),
    etc: {
      hosts: join(etc, 'hosts'),
      hostname: join(etc, 'hostname'),
      resolvConf: join(etc, 'resolv.conf'),
    },
    user: userOf(user, database, groupAdd),
    network: NO_NETWORK,
    ...(userNamespace === undefined ? {} : { userNamespace }),
    // Older engines started containers in none, and the default of this one may be another.
    apparmor: container.record.state.apparmor || 'unconfined',
    labels: container.record.state.labels,
  })
}

/** A user that the container has removed from its passwd since: root would be wrong, so its execs must name one. */
function userOf(...args: Parameters<typeof resolveUser>): ResolvedUser {
  try {
    return resolveUser(...args)
  } catch (error) {
    if (error instanceof Failure) return { uid: 65534, gid: 65534, groups: [65534], home: '/' }
    throw error
  }
}
