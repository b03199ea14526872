import { release } from 'node:os'
import type { CompilerHost, Machine } from '../runtime/index.ts'
import { ALL_CAPABILITIES } from '../security/capabilities.ts'

/** Linux has no more processors (`NR_CPUS`), nor a higher limit of open files (`fs.nr_open`). */
const MOST_PROCESSORS = 8192
const MOST_OPEN_FILES = 2 ** 31 - 1

/** As large as any: what it refuses no machine takes. */
export const ANY_MACHINE: Machine = {
  processors: () => MOST_PROCESSORS,
  online: () => undefined,
  mostOpenFiles: () => MOST_OPEN_FILES,
}

/** A machine that can do all, for compiling what will not run here: who tries something need not be root, as the engine is. */
export const WILLING_HOST: CompilerHost = {
  architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
  kernel: kernelVersion(),
  cgroups: { version: 2, pathsOf: () => ({ v1: {} }), budgetPathsOf: () => undefined },
  fuse: true,
  apparmor: { defaultProfile: () => undefined, knows: () => true, warning: () => undefined },
  ownClocks: true,
  capabilities: ALL_CAPABILITIES,
  rlimits: {},
  maskedPaths: [],
}

function kernelVersion(): readonly [number, number] {
  const [major = 0, minor = 0] = release()
    .split('.')
    .map(part => Number.parseInt(part, 10))
  return [major, minor]
}
