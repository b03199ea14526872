import { defaultEnvironment, type ResolvedUser } from '../rootfs/index.ts'
import type {
  EtcFiles,
  IsolatedSpec,
  Namespaces,
  NetworkProgram,
  RootFilesystem,
  RuntimeFile,
  RuntimeMount,
  RuntimeSpec,
  Supervision,
  UserNamespace,
} from '../runtime/index.ts'
import type { Owner } from '../security/index.ts'
import type { ContainerTerms } from './index.ts'
import { kernelLimits } from './limits.ts'
import { restartOf } from './restart.ts'
import { isHeld } from './shown.ts'

/** What the world adds to a container's terms: found, made or assigned for it before it is described. */
export interface Found {
  readonly id: string
  readonly hostname: string
  readonly domainname?: string
  readonly root: Omit<RootFilesystem, 'readonly'>
  readonly mounts: readonly RuntimeMount[]
  readonly etc: EtcFiles
  /** What lies over the mounts. */
  readonly files?: readonly RuntimeFile[]
  readonly user: ResolvedUser
  /** Variables that the container's own replace. */
  readonly env?: readonly string[]
  readonly namespaces: Namespaces
  /** Absent: the host's. */
  readonly userNamespace?: UserNamespace
  /** Whose files mounts that say so have. */
  readonly bindOwner?: Owner
  readonly network: NetworkProgram
  /** The numbers of a device of the host. DEVICE_NOT_FOUND. */
  readonly numbersOf: (path: string) => { readonly major: number; readonly minor: number }
}

/** Where a container's monitor keeps what it keeps. */
export interface Kept extends Pick<Supervision, 'runFolder' | 'statusPath' | 'socketPath' | 'procFolder'> {
  readonly logPath: string
  /** Restarts that monitors before this one have used up. */
  readonly restartsBefore?: number
}

/** A container's isolation in the runtime's words: of a service, and of a builder's RUN. */
export function isolatedSpec(terms: ContainerTerms, found: Found): IsolatedSpec {
  const { process, root, stdio } = terms
  const { id, hostname, domainname, mounts, etc, user, namespaces, network } = found
  return {
    id,
    hostname,
    ...(domainname === undefined ? {} : { domainname }),
    root: { ...found.root, readonly: root.readonly },
    mounts,
    etc,
    ...(found.files === undefined ? {} : { files: found.files }),
    process: {
      argv: process.argv,
      env: defaultEnvironment({
        hostname,
        home: user.home,
        tty: stdio.tty,
        env: [...(found.env ?? []), ...process.env],
      }),
      cwd: process.cwd,
      user,
      tty: stdio.tty,
      rlimits: terms.ulimits,
      ...(process.oomScoreAdj === undefined ? {} : { oomScoreAdj: process.oomScoreAdj }),
    },
    namespaces,
    ...(found.userNamespace === undefined ? {} : { userNamespace: found.userNamespace }),
    ...(found.bindOwner === undefined ? {} : { bindOwner: found.bindOwner }),
    security: terms.security,
    network,
    limits: kernelLimits(terms.limits, found.numbersOf),
    devices: terms.devices,
    sysctls: terms.sysctls.values,
    ...(root.shmSize === undefined ? {} : { shmSize: root.shmSize }),
    init: process.init,
  }
}

/** A container with its monitor in the runtime's words. */
export function containerSpec(terms: ContainerTerms, found: Found, kept: Kept): RuntimeSpec {
  const { stdio, log, restart } = terms
  const { logPath, restartsBefore, ...places } = kept
  return {
    ...isolatedSpec(terms, found),
    openStdin: stdio.openStdin,
    procFiles: terms.shown.proc === 'limits' && (isHeld(terms.limits) || terms.group.budget !== undefined),
    supervision: {
      ...places,
      ...(log.kept === undefined ? {} : { log: { path: logPath, ...log.kept } }),
      ...restartOf(restart, restartsBefore),
      stdinOnce: stdio.stdinOnce,
      ...stdio.size,
    },
  }
}
