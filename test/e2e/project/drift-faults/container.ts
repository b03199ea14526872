import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './fault.ts'
import type { DriftedProject } from './project.ts'

/** Where this machine has the controllers. */
const V2 = existsSync('/sys/fs/cgroup/cgroup.controllers')

/** The folder of the group that a service is in. */
function groupOf(at: DriftedProject, service: string, controller: string): string {
  const lines = readFileSync(`/proc/${at.of(service).pid}/cgroup`, 'utf8').split('\n')
  const line = lines.find(each => each.split(':')[1] === (V2 || controller === 'unified' ? '' : controller))
  const path = line?.split(':').slice(2).join(':') ?? ''
  return join('/sys/fs/cgroup', V2 ? '' : controller, path)
}

/** The first child of the first process of a service. */
function childOf(at: DriftedProject, service: string): number {
  const { pid } = at.of(service)
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0])
}

/** CAP_SYS_RESOURCE: without it nobody knows who has lowered an OOM score. */
const SPARES =
  (BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`) >> 24n) &
  1n

/** A value of a control file is overwritten: how the layouts call it. */
function limit(
  name: string,
  service: string,
  [controller, file, value]: readonly [controller: string, file: string, value: string],
  [newer, other]: readonly [file: string, value: string],
): Fault {
  const [at, text] = V2 ? [newer, other] : [file, value]
  return {
    name,
    inject: project => writeFileSync(join(groupOf(project, service, controller), at), text),
    seen: [`${service}-1 cgroup.value.${at}`],
  }
}

/** Something is done to the mounts of a service, from within its mount namespace, by the host. */
function mounts(name: string, service: string, words: string, seen: string): Fault {
  return {
    name,
    inject: at => void at.host(`nsenter -t ${at.of(service).pid} -m ${words}`),
    seen: [`${service}-1 ${seen}`],
  }
}

/** What a service reads at a path now. */
function reads(at: DriftedProject, service: string, path: string): string {
  return at.host(`nsenter -t ${at.of(service).pid} -m cat ${path}`)
}

function same(got: string, want: string): void {
  if (got !== want) throw new Error(`got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
}

/** A file of the engine's for a service. */
function fileOf(at: DriftedProject, service: string, name: string): string {
  return join(at.sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'containers', at.of(service).id, 'etc', name)
}

/** A folder of the engine's is away for as long as it is told of. */
function away(name: string, folder: (at: DriftedProject) => string, seen: readonly string[]): Fault {
  return {
    name,
    inject: at => renameSync(folder(at), `${folder(at)}.away`),
    seen,
    stays: true,
    check: at => renameSync(`${folder(at)}.away`, folder(at)),
  }
}

const MEMORY = V2 ? 'memory.max' : 'memory.limit_in_bytes'

const GROUPS: readonly Fault[] = [
  limit('a limit of memory is lowered', 'web', ['memory', MEMORY, '33554432'], [MEMORY, '33554432']),
  limit('a limit of processes is lifted', 'web', ['pids', 'pids.max', 'max'], ['pids.max', 'max']),
  limit('a quota is raised', 'web', ['cpu', 'cpu.cfs_quota_us', '90000'], ['cpu.max', '90000 100000']),
  limit('a limit is set that nobody asked for', 'api', ['memory', MEMORY, '67108864'], [MEMORY, '67108864']),
  limit('a weight is set that nobody asked for', 'api', ['cpu', 'cpu.shares', '10'], ['cpu.weight', '10']),
  {
    name: 'a group has processors when nobody else wants them alone, and takes no weight',
    inject: at => writeFileSync(join(groupOf(at, 'db', 'cpu'), 'cpu.idle'), '1'),
    seen: ['cpu.idle', V2 ? 'cpu.weight' : 'cpu.shares'].map(file => `db-1 cgroup.value.${file}`),
  },
  {
    name: 'a container is frozen',
    inject: at => writeFileSync(join(groupOf(at, 'api', 'unified'), 'cgroup.freeze'), '1'),
    seen: ['api-1 cgroup.frozen'],
  },
  {
    name: 'a container is frozen by the older freezer',
    inject: at => {
      const file = V2 ? 'cgroup.freeze' : 'freezer.state'
      writeFileSync(join(groupOf(at, 'db', 'freezer'), file), V2 ? '1' : 'FROZEN')
    },
    seen: ['db-1 cgroup.frozen'],
  },
  {
    name: 'a process is taken out of a group',
    inject: at =>
      writeFileSync(join('/sys/fs/cgroup', V2 ? '' : 'pids', 'cgroup.procs'), String(at.of('api').pid)),
    seen: [`api-1 cgroup.in.${V2 ? 'unified' : 'pids'}`],
  },
  {
    name: 'a process is taken out of a group, and its limit is another',
    inject: at => {
      writeFileSync(join(groupOf(at, 'web', 'pids'), 'pids.max'), '77')
      for (const pid of [at.of('web').pid, childOf(at, 'web')])
        writeFileSync(join('/sys/fs/cgroup', V2 ? '' : 'pids', 'cgroup.procs'), String(pid))
    },
    seen: [`web-1 cgroup.in.${V2 ? 'unified' : 'pids'}`, 'web-1 cgroup.value.pids.max'],
  },
  {
    name: 'a group is removed',
    inject: at => {
      const group = groupOf(at, 'api', 'memory')
      const pids = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
      for (const pid of pids) writeFileSync(join('/sys/fs/cgroup', V2 ? '' : 'memory', 'cgroup.procs'), pid)
      at.host(`rmdir ${group}`)
    },
    seen: [`api-1 cgroup.in.${V2 ? 'unified' : 'memory'}`],
    check: at => {
      const pids = readFileSync(join(groupOf(at, 'api', 'memory'), 'cgroup.procs'), 'utf8')
      if (pids.trim().split('\n').length !== 2) throw new Error('init and its command are not both back')
    },
  },
]

const MOUNTS: readonly Fault[] = [
  mounts('a folder is unmounted', 'db', 'umount /srv/src', 'mount./srv/src'),
  mounts('a file is unmounted', 'db', 'umount /etc/app.conf', 'mount./etc/app.conf'),
  mounts('a volume is unmounted', 'web', 'umount /data', 'mount./data'),
  mounts('a tmpfs is unmounted', 'db', 'umount /cache', 'mount./cache'),
  mounts('/dev/shm is unmounted', 'api', 'umount /dev/shm', 'mount./dev/shm'),
  mounts('/dev/mqueue is unmounted', 'api', 'umount /dev/mqueue', 'mount./dev/mqueue'),
  mounts('/etc/resolv.conf is unmounted', 'api', 'umount /etc/resolv.conf', 'mount./etc/resolv.conf'),
  mounts('a file of the kernel is unmasked', 'web', 'umount /proc/interrupts', 'mount./proc/interrupts'),
  {
    name: 'a container removes the device that its masks are of, and renames another',
    inject: at => {
      at.host(`nsenter -t ${at.of('web').pid} -m rm /dev/null`)
      at.host(`nsenter -t ${at.of('api').pid} -m mv /dev/null /dev/other`)
    },
    seen: [],
    check: at => {
      for (const service of ['web', 'api']) same(reads(at, service, '/proc/interrupts'), '')
      at.host(`nsenter -t ${at.of('web').pid} -m mknod -m 666 /dev/null c 1 3`)
      at.host(`nsenter -t ${at.of('api').pid} -m mv /dev/other /dev/null`)
    },
  },
  {
    name: 'a file is unmasked of a container that has no null device any more',
    inject: at => {
      for (const words of ['rm /dev/null', 'umount /proc/interrupts', 'umount /proc/timer_list'])
        at.host(`nsenter -t ${at.of('web').pid} -m ${words}`)
    },
    seen: ['web-1 mount./proc/interrupts', 'web-1 mount./proc/timer_list'],
    check: at => {
      for (const file of ['/proc/interrupts', '/proc/timer_list']) same(reads(at, 'web', file), '')
      at.host(`nsenter -t ${at.of('web').pid} -m mknod -m 666 /dev/null c 1 3`)
    },
  },
  {
    name: 'another folder lies where a read-only one of the kernel did',
    inject: at => {
      at.host(`nsenter -t ${at.of('web').pid} -m umount /proc/sys`)
      at.host(`nsenter -t ${at.of('web').pid} -m mount -t tmpfs none /proc/sys`)
    },
    seen: ['web-1 mount./proc/sys'],
    check: at => void reads(at, 'web', '/proc/sys/kernel/hostname'),
  },
  {
    name: 'another file lies where a mask did',
    inject: at => {
      at.host(`nsenter -t ${at.of('web').pid} -m umount /proc/interrupts`)
      at.host(`nsenter -t ${at.of('web').pid} -m mount --bind /etc/hostname /proc/interrupts`)
    },
    seen: ['web-1 mount./proc/interrupts'],
    check: at => same(reads(at, 'web', '/proc/interrupts'), ''),
  },
  mounts('a folder of the kernel is unmasked', 'web', 'umount /sys/firmware', 'mount./sys/firmware'),
  mounts(
    '/proc/sys may be written',
    'web',
    'mount -o remount,bind,rw,nosuid,nodev,noexec none /proc/sys',
    'mount./proc/sys.options',
  ),
  mounts('a read-only root may be written', 'db', 'mount -o remount,bind,rw none /', 'mount./.options'),
  mounts('a volume may not be written', 'web', 'mount -o remount,bind,ro none /data', 'mount./data.options'),
  mounts(
    'a tmpfs has another size',
    'db',
    'mount -o remount,nosuid,nodev,noexec,size=8m none /cache',
    'mount./cache.size',
  ),
  mounts('something lies over a mount', 'db', 'mount -t tmpfs none /srv/src', 'mount./srv/src'),
  mounts('something lies around a mount', 'db', 'mount -t tmpfs none /srv', 'mount./srv/src'),
  {
    name: 'an editor has written a file anew',
    inject: at => {
      at.sandbox.write('app.conf.new', 'second\n')
      renameSync(join(at.sandbox.folder, 'app.conf.new'), join(at.sandbox.folder, 'app.conf'))
    },
    seen: [],
    healsItself: at => reads(at, 'db', '/etc/app.conf') === 'second\n',
  },
  {
    name: 'a folder lies where a file was that is mounted',
    inject: at => {
      const file = join(at.sandbox.folder, 'app.conf')
      renameSync(file, `${file}.away`)
      mkdirSync(file)
    },
    seen: ['db-1 mount./etc/app.conf'],
    stays: true,
    check: at => {
      const file = join(at.sandbox.folder, 'app.conf')
      const seen = reads(at, 'db', '/etc/app.conf')
      rmdirSync(file)
      renameSync(`${file}.away`, file)
      if (seen !== readFileSync(file, 'utf8')) throw new Error(`the old file is not there any more: ${seen}`)
    },
  },
  {
    name: 'a folder was made anew',
    inject: at => {
      rmSync(join(at.sandbox.folder, 'src'), { recursive: true })
      mkdirSync(join(at.sandbox.folder, 'src'))
      at.sandbox.write('src/main', 'second\n')
    },
    seen: ['db-1 mount./srv/src'],
    check: at => same(reads(at, 'db', '/srv/src/main'), 'second\n'),
  },
  {
    name: 'a file of the engine is removed',
    inject: at => rmSync(fileOf(at, 'web', 'hosts')),
    seen: ['web-1 mount./etc/hosts'],
    check: at => same(reads(at, 'web', '/etc/hosts'), readFileSync(fileOf(at, 'web', 'hosts'), 'utf8')),
  },
  away(
    'the folder of a volume is gone',
    at => join(at.sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'volumes/drifted_data/_data'),
    ['web-1 mount./data', 'db-1 mount./data'],
  ),
]

const SETTINGS: readonly Fault[] = [
  {
    name: 'another text is in /etc/hosts',
    inject: at => writeFileSync(fileOf(at, 'db', 'hosts'), '127.0.0.1 elsewhere\n'),
    seen: ['db-1 file./etc/hosts'],
  },
  {
    name: 'a file of the engine’s can be read, or written, by others than it was made for',
    inject: at => {
      at.host(`chmod 000 ${fileOf(at, 'web', 'resolv.conf')}`)
      at.host(`chmod 666 ${fileOf(at, 'db', 'hostname')}`)
      at.host(`chown 65534:65534 ${fileOf(at, 'db', 'hosts')}`)
    },
    seen: ['web-1 file./etc/resolv.conf.mode', 'db-1 file./etc/hostname.mode', 'db-1 file./etc/hosts.owner'],
    check: at => {
      for (const file of [fileOf(at, 'web', 'resolv.conf'), fileOf(at, 'db', 'hostname')])
        same(at.host(`stat -c %a ${file}`).trim(), '644')
    },
  },
  {
    name: '/etc/resolv.conf is empty',
    inject: at => writeFileSync(fileOf(at, 'db', 'resolv.conf'), ''),
    seen: ['db-1 file./etc/resolv.conf'],
    check: at => {
      if (!reads(at, 'db', '/etc/resolv.conf').includes('127.0.0.11')) throw new Error('it names nobody')
    },
  },
  {
    name: 'a container is called otherwise',
    inject: at => void at.host(`nsenter -t ${at.of('db').pid} -u hostname elsewhere`),
    seen: ['db-1 hostname'],
  },
  {
    name: 'a sysctl is changed',
    inject: at => void at.inside('db', 'sysctl -qw net.core.somaxconn=99'),
    seen: ['db-1 sysctl.net.core.somaxconn'],
  },
  {
    name: 'a sysctl of all containers is changed',
    inject: at => void at.inside('api', 'sysctl -qw net.ipv4.ip_unprivileged_port_start=1024'),
    seen: ['api-1 sysctl.net.ipv4.ip_unprivileged_port_start'],
  },
  {
    name: 'a limit of a process is lowered',
    inject: at => void at.host(`prlimit --pid ${at.of('db').pid} --nofile=64:`),
    seen: ['db-1 rlimit.nofile'],
  },
  ...(SPARES
    ? [
        {
          name: 'the OOM score of another process is lowered',
          inject: (at: DriftedProject) => writeFileSync(`/proc/${childOf(at, 'db')}/oom_score_adj`, '-500'),
          seen: ['db-1 oom_score_adj'],
          check: (at: DriftedProject) =>
            same(readFileSync(`/proc/${childOf(at, 'db')}/oom_score_adj`, 'utf8').trim(), '400'),
        },
      ]
    : []),
  {
    name: 'an OOM score is raised',
    inject: at => writeFileSync(`/proc/${at.of('db').pid}/oom_score_adj`, '700'),
    seen: ['db-1 oom_score_adj'],
  },
]

/** What can happen to a container itself: its groups, its mounts, its settings. */
export const CONTAINER_FAULTS: readonly Fault[] = [...GROUPS, ...MOUNTS, ...SETTINGS]
