import type { Cgroups } from '../cgroup/index.ts'
import { compileMounted, type Host, type RuntimeSpec } from '../runtime/index.ts'

const PRIVATE = { kind: 'private' } as const

/** A machine with v2 alone. */
export const TEST_HOST: Host = {
  architecture: 'x86_64',
  kernel: [6, 18],
  cgroups: { version: 2, pathsOf: () => ({ v1: {}, unified: '/cg/x' }) } as unknown as Cgroups,
  fuse: false,
  ownClocks: true,
  capabilities: (1n << 41n) - 1n,
  rlimits: {},
  maskedPaths: [],
  warnings: [],
}

/** A container on it. */
export function testSpec(changes: Partial<RuntimeSpec> = {}): RuntimeSpec {
  return {
    id: 'a'.repeat(64),
    hostname: 'box',
    root: { layers: ['/l/top'], upper: '/c/upper', work: '/c/work' },
    mounts: [],
    etc: { hosts: '/c/hosts' },
    process: { argv: ['sh'], env: [], cwd: '/', user: { uid: 0, gid: 0, groups: [0] } },
    namespaces: { pid: PRIVATE, net: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE },
    security: {},
    network: { setup: [], supervise: [] },
    limits: {},
    supervision: { statusPath: '/s', socketPath: '/m', procFolder: '/p', restart: 'no' },
    ...changes,
  }
}

/** What such a container has mounted, as the program makes it. */
export function mountedOf(changes: Partial<RuntimeSpec> = {}): ReturnType<typeof compileMounted> {
  return compileMounted(testSpec(changes), TEST_HOST)
}
