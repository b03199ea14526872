import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { errnoOf } from '../../../diagnostics/index.ts'
import { readIfGivenSync } from '../../../linux/read-if-there.ts'
import { defaultProfile, type Profile, type ProfileFacts } from './profile.ts'

/** AppArmor of a machine, as far as containers meet it. */
export interface AppArmor {
  /**
   * Name of our own profile, which the kernel has by now; undefined where it cannot be loaded. There are two: for containers
   * whose masked paths are masked, and for others.
   */
  readonly defaultProfile: (masked: boolean) => string | undefined
  /** Whether the kernel has a profile of this name now. */
  readonly knows: (name: string) => boolean
  /** Why it cannot be loaded, one sentence. */
  readonly warning: () => string | undefined
}

/** How the kernel is asked and told; a seam for tests. */
export interface AppArmorKernel {
  /** The text of a file; undefined where there is none. */
  readonly read: (path: string) => string | undefined
  /** Whether there is such a file or folder. */
  readonly has: (path: string) => boolean
  /** Has a profile compiled and loaded; what went wrong, if anything did. */
  readonly load: (text: string) => string | undefined
}

const FOLDER = '/sys/kernel/security/apparmor'
/** Where the parser is; the PATH of who started the engine may lack it. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * AppArmor, where this kernel has it on and lets us load profiles: within a container the folder for that is not there.
 * Asked anew each time, since `aa-remove-unknown` and a restart of its service unload what lies in no file of /etc.
 */
export function openAppArmor(kernel: AppArmorKernel = THIS_KERNEL): AppArmor | undefined {
  const enabled = kernel.read('/sys/module/apparmor/parameters/enabled')
  if (!enabled?.startsWith('Y') || kernel.read(`${FOLDER}/profiles`) === undefined) return undefined
  const own = /^\S+/.exec(kernel.read('/proc/self/attr/apparmor/current') ?? '')?.[0] ?? 'unconfined'
  const supervisors = [...new Set(['unconfined', own])]
  // What the kernel asks of every profile, and only later parsers can give.
  const further = kernel.has(`${FOLDER}/features/ipc/posix_mqueue`) ? ['mqueue'] : []
  const knows = (wanted: string): boolean =>
    (kernel.read(`${FOLDER}/profiles`) ?? '').split('\n').some(line => line.startsWith(`${wanted} (`))
  const load = (facts: ProfileFacts, { name, text }: Profile): string | undefined => {
    const reason = kernel.load(text(name))
    if (reason === undefined || further.length === 0) return reason
    return kernel.load(defaultProfile({ ...facts, further: [] }).text(name))
  }
  let refused: string | undefined
  return {
    knows,
    defaultProfile: masked => {
      const facts = { supervisors, further, masked }
      const profile = defaultProfile(facts)
      if (knows(profile.name)) return profile.name
      refused ??= load(facts, profile)
      return refused === undefined ? profile.name : undefined
    },
    warning: () => refused && `no AppArmor profile can be loaded, so that containers are in none: ${refused}`,
  }
}

const THIS_KERNEL: AppArmorKernel = {
  has: existsSync,
  read: readIfGivenSync,
  load: text => {
    // Profiles that name no ABI are compiled for that of the parser's configuration, which may leave sockets out.
    const features = existsSync(`${FOLDER}/features`) ? [`--policy-features=${FOLDER}/features`] : []
    const options = { input: text, env: { PATH, LC_ALL: 'C' }, encoding: 'utf8', timeout: 60_000 } as const
    const { error, status, stderr } = spawnSync('apparmor_parser', ['-K', '-r', ...features], options)
    if (errnoOf(error) === 'ENOENT') return 'apparmor_parser is not installed'
    if (status === 0) return undefined
    return error?.message ?? (stderr.trim().split('\n').at(-1) || `apparmor_parser ended with ${status}`)
  },
}
