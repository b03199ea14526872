// What a container finds around it when nothing was said of it: its main command and an exec, a bare busybox and an image
// with the tools of a distribution.
import { readFileSync, readlinkSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parseLimits } from '../../../src/engine/runtime/rlimits.ts'
import { requires, root } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { hasHostTools, hostToolsContext } from './host-tools.ts'

const lab = new EngineLab()
beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  const { dockerfile, files } = hostToolsContext()
  await lab.build('distribution', dockerfile, files)
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const status = (field: string): string => `awk '/^${field}:/{print $2}' /proc/self/status`
/** Flags and file system of the mount at a place. */
const mount = (place: string): string =>
  `awk '$5=="${place}"{i=7; while ($i!="-") i++; print $(i+1), $6}' /proc/self/mountinfo`
const hidden = (...paths: string[]): string =>
  `for p in ${paths.join(' ')}; do if [ -d $p ]; then ls -A $p; elif [ -e $p ]; then head -c 1 $p 2>/dev/null; fi; done | wc -c`
const refused = (attempt: string): string => `(${attempt}) >/dev/null 2>&1 && echo DONE || echo refused`
const limit = parseLimits(readFileSync('/proc/self/limits', 'utf8'))['nofile']?.hard ?? 0n
/** CAP_SYS_RESOURCE raises it. */
const mostFiles = limit < 1_048_576n ? `(${limit}|1048576)` : '1048576'

/** What is asked → what the answer, its lines joined by blanks, must be: an expression for all of it. */
const CHECKS: Readonly<Record<string, readonly [ask: string, answer: string]>> = {
  'effective capabilities': [status('CapEff'), '00000000a80425fb'],
  'permitted capabilities': [status('CapPrm'), '00000000a80425fb'],
  'bounding capabilities': [status('CapBnd'), '00000000a80425fb'],
  'inherited and ambient capabilities': [`${status('CapInh')}; ${status('CapAmb')}`, '0{16} 0{16}'],
  'system calls are filtered': [status('Seccomp'), '2'],
  'setuid programs work': [status('NoNewPrivs'), '0'],
  'ids and groups': ['id -u; id -g; id -G', '0 0 0'],
  umask: ['umask', '0022'],
  'descriptors, with the one of ls': ['ls /proc/self/fd | wc -l', '4'],
  'processes are its own': ['ls -d /proc/[0-9]* | wc -l', '[1-9]'],
  'OOM score': ['cat /proc/self/oom_score_adj', '0'],
  'nice and scheduling policy': ["sed 's/.*) //' /proc/self/stat | cut -d' ' -f17,39", '0 0'],
  'core files': ["awk '/^Max core/{print $5}' /proc/self/limits", '0'],
  'open files': ["awk '/^Max open/{print $4, $5}' /proc/self/limits", `${mostFiles} ${mostFiles}`],
  processes: ['cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null', '4096'],
  '/': [mount('/'), 'overlay rw,relatime'],
  '/proc': [mount('/proc'), 'proc rw,nosuid,nodev,noexec,relatime'],
  '/proc/sys': [mount('/proc/sys'), 'proc ro,nosuid,nodev,noexec,relatime'],
  '/proc/irq': [mount('/proc/irq'), 'proc ro,nosuid,nodev,noexec,relatime'],
  '/sys': [mount('/sys'), 'sysfs ro,nosuid,nodev,noexec,relatime'],
  '/sys/fs/cgroup': [mount('/sys/fs/cgroup'), '(tmpfs|cgroup2) ro,nosuid,nodev,noexec,relatime'],
  '/dev': [mount('/dev'), 'tmpfs rw,nosuid'],
  '/dev/pts': [mount('/dev/pts'), 'devpts rw,nosuid,noexec,relatime'],
  '/dev/shm': [mount('/dev/shm'), 'tmpfs rw,nosuid,nodev,noexec,relatime'],
  '/dev/mqueue': [mount('/dev/mqueue'), 'mqueue rw,nosuid,nodev,noexec,relatime'],
  'mounts that others see': ['grep -c -e shared: -e master: /proc/self/mountinfo', '0'],
  'redirects in layers are not followed': ['grep -c redirect_dir=nofollow /proc/self/mountinfo', '1'],
  'layers have no path': [
    `grep overlay /proc/self/mountinfo | grep -c -e dir=[^,]*/root/ -e lowerdir[+]*=/[a-z]`,
    '0',
  ],
  groups: ['cut -d: -f3 /proc/self/cgroup | sort -u', '/'],
  devices: ['ls /dev', 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'],
  'nodes of devices': ["stat -c '%a %u:%g %t:%T' /dev/null /dev/tty", '666 0:0 1:3 666 0:0 5:0'],
  "a node of the host's disk": [
    `mknod /tmp/disk b 254 0 2>/dev/null; ${refused('head -c 1 /tmp/disk')}`,
    'refused',
  ],
  'kernel and machine, as files': [
    hidden(
      ...'kcore keys key-users kallsyms cmdline config.gz interrupts iomem ioports latency_stats modules'
        .split(' ')
        .map(name => `/proc/${name}`),
      ...'pagetypeinfo sched_debug slabinfo timer_list timer_stats vmallocinfo kpagecount kpageflags kpagecgroup'
        .split(' ')
        .map(name => `/proc/${name}`),
    ),
    '0',
  ],
  'kernel and machine, as folders': [
    hidden(
      ...['/proc/acpi', '/proc/asound', '/proc/scsi', '/sys/firmware', '/sys/fs/bpf', '/sys/fs/pstore'],
      ...['/sys/devices/virtual/dmi', '/sys/devices/virtual/powercap'],
      ...'boot_params debug iommu_groups irq notes security slab tracing'
        .split(' ')
        .map(name => `/sys/kernel/${name}`),
    ),
    '0',
  ],
  'settings of the machine': [
    [
      '/proc/sys/kernel/core_pattern',
      '/proc/sysrq-trigger',
      '/proc/sys/vm/swappiness',
      '/sys/kernel/uevent_helper',
      '/proc/sys/net/ipv4/ip_forward',
    ]
      .map(path => refused(`true > ${path}`))
      .join('; '),
    'refused refused refused refused refused',
  ],
  'groups below its own': [
    ['/sys/fs/cgroup', '/sys/fs/cgroup/memory'].map(path => refused(`mkdir ${path}/x`)).join('; '),
    'refused refused',
  ],
  'low ports and ping': [
    'cat /proc/sys/net/ipv4/ip_unprivileged_port_start; tr "\\t" : < /proc/sys/net/ipv4/ping_group_range',
    '0 0:2147483647',
  ],
  'router advertisements': ['cat /proc/sys/net/ipv6/conf/eth0/accept_ra', '0'],
  'files of the engine in /etc': [
    "stat -c '%a %u:%g' /etc/hosts /etc/hostname /etc/resolv.conf",
    '644 0:0 644 0:0 644 0:0',
  ],
}

const SCRIPT = Object.values(CHECKS)
  .map(([ask]) => `{ ${ask}; } 2>&1 | tr '\\n' ' '; echo`)
  .join('\n')

function compare(output: string): void {
  const answers = output.split('\n').map(line => line.trim())
  const wrong = Object.entries(CHECKS).flatMap(([name, [, wanted]], index) => {
    const answer = answers[index] ?? ''
    return new RegExp(`^(?:${wanted})$`).test(answer) ? [] : [{ name, answer, wanted }]
  })
  expect(wrong).toEqual([])
}

const DEFAULT = { HostConfig: {} }

requires(root, {
  what: 'the core utilities of a distribution',
  missing: hasHostTools ? undefined : 'not in /bin',
}).describe('a default container', () => {
  describe.each([
    ['busybox', 'bb'],
    ['the tools of a distribution', 'distribution'],
  ])('of %s', (_, Image) => {
    test('is isolated, its main command', async () => {
      compare((await lab.sh(SCRIPT, { ...DEFAULT, Image })).out)
    })

    test('is isolated, an exec of it', async () => {
      // A shell without job control that waits for its input is all that both images have.
      const id = await lab.run('exec', { Image, ...DEFAULT, Cmd: ['sh'], OpenStdin: true })
      compare((await lab.exec(id, SCRIPT)).out)
    })
  })

  test('has namespaces of its own, and clocks that begin with it', async () => {
    const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'uts']
    const ask = `for kind in ${kinds.join(' ')}; do readlink /proc/self/ns/$kind; done; cut -d. -f1 /proc/uptime; awk '/^btime/{print $2}' /proc/stat`
    const before = Math.floor(Date.now() / 1000)
    const id = await lab.run('own', DEFAULT)
    const lines = (await lab.exec(id, ask)).out.trim().split('\n')
    for (const [index, kind] of kinds.entries())
      expect(lines[index]).not.toBe(readlinkSync(`/proc/self/ns/${kind}`))
    const { Pid } = (await lab.engine.containers.inspect(id, { size: false })).State
    expect(lines.slice(0, kinds.length)).toEqual(kinds.map(kind => readlinkSync(`/proc/${Pid}/ns/${kind}`)))
    expect(Number(lines.at(-1))).toBeGreaterThanOrEqual(before - 2)
  })
})
