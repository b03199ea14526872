import { join } from 'node:path'
import { hostNamesOf } from '../../groups/host-names.ts'
import { linkVariables } from '../../groups/link-variables.ts'
import { namespacesOf } from '../../groups/namespaces.ts'
import type { NetworkNamespaceFile, RuntimeSpec } from '../../runtime/index.ts'
import { numbersOfDevice } from '../../security/index.ts'
import type { Labels } from '../../security/selinux/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { procFolder } from '../../state/paths.ts'
import { containerSpec, type Found } from '../../terms/spec.ts'

/** What a start finds out, or makes, before it can describe the container to the runtime. */
export interface SpecParts
  extends Pick<Found, 'mounts' | 'etc' | 'user' | 'network' | 'userNamespace' | 'bindOwner'> {
  readonly layers: readonly string[]
  /** The AppArmor profile that the run is held by, or `unconfined`; absent where there is no AppArmor. */
  readonly apparmor?: string
  /** Of SELinux; absent where it has none. */
  readonly labels?: Labels | undefined
  /** The network namespace that it comes back to. */
  readonly keptNetwork?: NetworkNamespaceFile
}

/** The engine-level description of a container: its terms, and the parts that were found. */
export function buildSpec(
  engine: Pick<EngineContext, 'containers' | 'paths'>,
  container: Container,
  parts: SpecParts,
): RuntimeSpec {
  const { paths, terms, record } = container
  const { layers, apparmor, labels, keptNetwork, ...found } = parts
  const held = {
    ...(apparmor === undefined ? {} : { apparmor }),
    ...(labels === undefined ? {} : { labels }),
  }
  const { restartsBefore } = record.state
  const spec = containerSpec(
    apparmor === undefined && labels === undefined
      ? terms
      : { ...terms, security: { ...terms.security, ...held } },
    {
      ...found,
      ...hostNamesOf(engine.containers, container),
      env: linkVariables(engine.containers, container),
      id: container.id,
      root: {
        layers: [...layers, engine.paths.initLayer],
        upper: paths.upper,
        work: paths.work,
        ...(terms.restart.removed ? { volatile: true } : {}),
      },
      files: (record.overMounts ?? []).map(target => ({ source: join(paths.overMounts, target), target })),
      namespaces: namespacesOf(engine.containers, terms, keptNetwork),
      numbersOf: numbersOfDevice,
    },
    {
      runFolder: paths.runFolder,
      statusPath: paths.status,
      socketPath: paths.socket,
      procFolder: procFolder(engine.paths),
      logPath: paths.log,
      ...(restartsBefore === undefined ? {} : { restartsBefore }),
    },
  )
  return { ...spec, name: container.name }
}
