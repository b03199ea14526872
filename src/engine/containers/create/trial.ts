import { type CompilerHost, compileIsolated } from '../../runtime/index.ts'
import { numbersOfDevice } from '../../security/index.ts'
import type { ContainerTerms } from '../../terms/index.ts'
import { runtimeNamespaces } from '../../terms/namespaces.ts'
import { runtimeMount } from '../../terms/runtime-mounts.ts'
import { isolatedSpec } from '../../terms/spec.ts'

const FOLDER = '/nonexistent'

/**
 * Compiles the container as its start will, so that an unknown ulimit, a sysctl of the host, a broken seccomp profile, a
 * missing device or a mount that no container can have is refused before anything is made. What only a start finds
 * (addresses, folders, whom it joins) is made up. Throws what the compiler throws.
 */
export function tryCompile(terms: ContainerTerms, host: CompilerHost): void {
  const namespaces = runtimeNamespaces(terms.namespaces, terms.network.mode, {
    process: () => ({ kind: 'process', pid: 0, startTime: 0n }),
    network: () => ({ kind: 'path', path: FOLDER }),
  })
  const found = {
    id: '0'.repeat(64),
    hostname: 'trial',
    root: { layers: [FOLDER], upper: FOLDER, work: FOLDER },
    mounts: terms.mounts.own.map(mount => runtimeMount(mount, [FOLDER])),
    etc: {},
    user: { uid: 0, gid: 0, groups: [0], home: '/' },
    namespaces,
    network: { setup: [], supervise: [] },
    numbersOf: numbersOfDevice,
  }
  compileIsolated(isolatedSpec(terms, found), host)
}
