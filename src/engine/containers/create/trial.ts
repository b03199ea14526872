import type { ContainerConfig, HostConfig } from '../../../api/types/index.ts'
import { compileContainer, type Host } from '../../runtime/index.ts'
import { limitsOf } from '../../terms/limits.ts'
import { namespacesAsked } from '../../terms/namespaces.ts'
import { parseSecurityOptions } from '../../terms/security.ts'
import { devicesOf, rlimitsOf } from '../run/spec.ts'

/**
 * Compiles the container's rights and limits as the start will, so that an unknown ulimit, a sysctl of the host, a
 * broken seccomp profile or a missing device is refused before anything is made. Throws what the compiler throws.
 */
export function tryCompile(
  config: ContainerConfig,
  host: HostConfig,
  argv: readonly string[],
  machine: Host,
): void {
  const folder = '/nonexistent'
  compileContainer(
    {
      id: '0'.repeat(64),
      hostname: 'trial',
      root: { layers: [folder], upper: folder, work: folder },
      mounts: [],
      etc: {},
      process: {
        argv,
        env: [],
        cwd: config.WorkingDir || '/',
        user: { uid: 0, gid: 0, groups: [0] },
        rlimits: rlimitsOf(host),
      },
      namespaces: namespacesAsked(host),
      security: parseSecurityOptions(host),
      network: { setup: [], supervise: [] },
      limits: limitsOf(host),
      devices: devicesOf(host),
      sysctls: host.Sysctls ?? {},
      supervision: { runFolder: folder, statusPath: folder, socketPath: folder, restart: 'no' },
    },
    machine,
  )
}
