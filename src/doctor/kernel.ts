import { tried } from './as-root.ts'
import { type Finding, findingsOf, fine, lacking, type Verdict, warning } from './finding.ts'
import type { Machine } from './machine.ts'

/** The kernel and what of it containers are made of. */
export async function examineKernel(machine: Machine): Promise<Finding[]> {
  return findingsOf('Kernel', {
    version: fine(machine.kernel),
    container: await container(machine),
    'user namespaces': await userNamespaces(machine),
    'time namespaces': await timeNamespaces(machine),
    FUSE: await fuse(machine),
    'limits of namespaces': await namespaceLimits(machine),
    AppArmor: await appArmor(machine),
    SELinux: await seLinux(machine),
    inotify: await inotify(machine),
  })
}

/** All that a container needs of the kernel at once: a test of one part alone would say less. */
function container(machine: Machine): Promise<Verdict> {
  return tried(
    machine,
    'container',
    'mount, pid, ipc, uts, cgroup and network namespaces, and seccomp, work together',
    refusal =>
      lacking(
        `refused: ${refusal}`,
        'no container can be started: the kernel must allow new namespaces, pivot_root and seccomp filters; in a container this takes --privileged, and a kernel of 5.12 or later',
      ),
  )
}

/** No attribute takes one yet. */
function userNamespaces(machine: Machine): Promise<Verdict> {
  return tried(machine, 'user namespace', 'can be made', refusal =>
    fine(`refused: ${refusal}; nothing needs them yet`),
  )
}

/** The native program goes on without them, so the kernel is asked by the file that it has then. */
async function timeNamespaces(machine: Machine): Promise<Verdict> {
  // A file of nsfs opens for reading and has no text: what is asked is the limit that comes with the kind.
  const limit = await machine.read('/proc/sys/user/max_time_namespaces')
  return limit !== undefined && Number(limit) > 0
    ? fine('there')
    : warning('not there', 'in a container `uptime` shows how long the machine has run')
}

async function fuse(machine: Machine): Promise<Verdict> {
  if (machine.uid !== 0) return warning('not tried', 'only root can tell: run this command with sudo')
  return (await machine.writable('/dev/fuse'))
    ? fine('there')
    : warning(
        '/dev/fuse cannot be opened',
        'in a container with limits /proc/meminfo, /proc/stat and the like show the machine: load the module fuse, or in a container give it --device /dev/fuse',
      )
}

/** Kinds of which each container takes one. */
const KINDS = ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup']
/** Fewer containers than that are told of. */
const FEW = 100

async function namespaceLimits(machine: Machine): Promise<Verdict> {
  const limits = await Promise.all(
    KINDS.map(async kind => ({ kind, limit: await machine.read(`/proc/sys/user/max_${kind}_namespaces`) })),
  )
  const numbers = limits.flatMap(({ kind, limit }) =>
    limit === undefined ? [] : [{ kind, limit: Number(limit) }],
  )
  const [least] = numbers.sort((a, b) => a.limit - b.limit)
  if (least === undefined) return warning('not known', '/proc/sys/user cannot be read')
  const found = `${least.limit} of kind ${least.kind}`
  if (least.limit === 0)
    return lacking(found, `no container can be started: raise user.max_${least.kind}_namespaces with sysctl`)
  if (least.limit < FEW)
    return warning(
      found,
      `no more containers than that run at once: raise user.max_${least.kind}_namespaces with sysctl`,
    )
  return fine(`at least ${least.limit} of each kind`)
}

async function appArmor(machine: Machine): Promise<Verdict> {
  const enabled = await machine.read('/sys/module/apparmor/parameters/enabled')
  if (!enabled?.startsWith('Y')) return fine('off: security_opt apparmor=PROFILE is refused')
  if (await machine.finds('apparmor_parser')) return fine('on: containers get a profile of their own')
  return warning(
    'on, without apparmor_parser',
    'containers are in no profile unless security_opt names one that is loaded: install the package apparmor',
  )
}

async function seLinux(machine: Machine): Promise<Verdict> {
  const enforcing = await machine.read('/sys/fs/selinux/enforce')
  if (enforcing === undefined) return fine('off')
  const found = enforcing.trim() === '1' ? 'enforcing' : 'permissive'
  const { warning: unlabelled } = machine.selinux()
  return unlabelled === undefined
    ? fine(`${found}: containers get labels of their own`)
    : warning(found, `${unlabelled}: it may refuse them files that are mounted from the host`)
}

const [FEW_WATCHES, FEW_INSTANCES] = [65_536, 64]

async function inotify(machine: Machine): Promise<Verdict> {
  const [watches, instances] = await Promise.all(
    ['watches', 'instances'].map(async name =>
      Number(await machine.read(`/proc/sys/fs/inotify/max_user_${name}`)),
    ),
  )
  const found = `${watches} watches, ${instances} instances`
  if (!watches || !instances)
    return warning(watches === 0 ? found : 'not known', '`watch` may see no file change')
  if (watches >= FEW_WATCHES && instances >= FEW_INSTANCES) return fine(found)
  return warning(
    found,
    '`watch`, and programs in containers that watch files, stop at that many: raise fs.inotify.max_user_watches and fs.inotify.max_user_instances with sysctl',
  )
}
